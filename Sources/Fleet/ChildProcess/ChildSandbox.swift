import CSandbox
import FleetModel
import Foundation

/// What one child process may take.
public struct ChildLimits: Sendable, Hashable, Codable {
    /// Address space, bytes. FFmpeg, OpenBLAS and Swift map about 300 MiB before they do anything.
    public var memory: UInt64
    /// The longest one request may take, seconds.
    public var seconds: UInt32

    public init(memory: UInt64 = 3 << 30, seconds: UInt32 = 120) {
        self.memory = memory
        self.seconds = seconds
    }
}

/// Takes from this process what decoding does not need: new programs, sockets, signals to others, files of its own, memory beyond a bound.
enum ChildSandbox {
    private static let openFiles: UInt64 = 64

    static func confine(_ limits: ChildLimits) throws(FleetError) {
        // Whatever another thread of the worker had open at the moment of the start.
        for descriptor in 3..<Int32(1024) { close(descriptor) }
        csandbox_release_startup_code()
        let bounded = csandbox_limit_resources(limits.memory, openFiles)
        guard bounded == 0 else {
            throw FleetError("child.limits", "a child process could not bound its resources (errno \(bounded)); raise the hard limits of this service (ulimit -H)")
        }
        let denied = csandbox_deny_system_calls()
        // EINVAL: a kernel built without seccomp. The other bounds hold; `mvfleet doctor` says what is missing.
        guard denied == 0 || denied == EINVAL else {
            throw FleetError("child.seccomp", "a child process could not give up its system calls (errno \(denied))")
        }
    }
}
