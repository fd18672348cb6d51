import Foundation
import Glibc

/// The right to start and stop the servers of one data directory. Ends with the process that holds it, however that one ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits until nobody else holds the lock.
    /// - Throws: `ServiceError.locked` that names the holder, after `deadline`.
    static func acquire(_ path: String, within limit: Duration, waiting: (_ holder: String) -> Void) async throws -> DirectoryLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SmallFile.failure("cannot be opened", path, errno) }
        let lock = DirectoryLock(descriptor: descriptor)
        let deadline = ContinuousClock.now + limit
        var isFirst = true
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw SmallFile.failure("cannot be locked", path, errno) }
            let holder = (try? SmallFile.read(path, limit: 32))?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            let name = holder.isEmpty ? "another process" : "process \(holder)"
            if isFirst { waiting(name) }
            isFirst = false
            guard ContinuousClock.now < deadline else {
                throw ServiceError(.locked, "\(name) has been starting or stopping these servers for \(limit.components.seconds) s (lock \(path)); wait for it or end it, then try again", isRetriable: true)
            }
            // The system has no lock of files with a time limit.
            try await Task.sleep(for: .milliseconds(100))
        }
        let holder = Array("\(getpid())\n".utf8)
        // For the message above only; the lock itself is the kernel's.
        if ftruncate(descriptor, 0) == 0 { _ = holder.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } }
        return lock
    }
}
