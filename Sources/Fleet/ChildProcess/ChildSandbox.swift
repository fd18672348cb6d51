import CSandbox
import FleetModel
import Foundation

/// What one child process may take.
public struct ChildLimits: Sendable, Hashable, Codable {
    /// Bytes: of address space, or of data where `boundsOnlyData`. FFmpeg, OpenBLAS and Swift map about 300 MiB before they do anything.
    public var memory: UInt64
    /// Whether only what the process can write to and has to itself is bounded: the heap and private mappings, which are all that a decoder takes.
    public var boundsOnlyData: Bool
    public var openFiles: UInt64
    /// The longest one request may take, seconds.
    public var seconds: UInt32

    public init(memory: UInt64 = 3 << 30, boundsOnlyData: Bool = false, openFiles: UInt64 = 64, seconds: UInt32 = 120) {
        self.memory = memory
        self.boundsOnlyData = boundsOnlyData
        self.openFiles = openFiles
        self.seconds = seconds
    }

    /// Of a child that may use hardware decoders. CUDA reserves address space for all memory of the machine and its devices, far beyond any bound that would
    /// mean something, and takes none of it for that; and a driver has its devices open many times.
    public static let usingHardware = ChildLimits(boundsOnlyData: true, openFiles: 1024)
}

/// Takes from this process what decoding does not need: new programs, sockets, signals to others, files of its own, memory beyond a bound.
enum ChildSandbox {
    static func confine(_ limits: ChildLimits) throws(FleetError) {
        // Whatever another thread of the worker had open at the moment of the start.
        for descriptor in 3..<Int32(1024) { close(descriptor) }
        csandbox_release_startup_code()
        // A driver that would keep a cache or a log gets an error, and does not end the process.
        signal(SIGXFSZ, SIG_IGN)
        let bounded = csandbox_limit_resources(limits.memory, limits.boundsOnlyData ? 1 : 0, limits.openFiles)
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
