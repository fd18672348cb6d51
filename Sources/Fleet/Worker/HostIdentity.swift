import Foundation

/// Which set of process numbers this process lives in: the host's name alone may be shared by containers, or be a rebooted machine's.
enum HostIdentity {
    /// `name/boot/namespace`.
    static let current: String = {
        let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?.prefix(8) ?? ""
        let namespace = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid"))?.filter(\.isNumber) ?? ""
        return "\(ProcessInfo.processInfo.hostName)/\(boot)/\(namespace)"
    }()
}
