import Foundation
import Glibc

/// Reads and writes of small files that are safe in directories which another user may write to: no link is followed, no FIFO is
/// waited for, and nothing is read without a bound.
enum SmallFile {
    struct Owner: Hashable, Sendable {
        var userID: UInt32, groupID: UInt32, mode: UInt32
    }

    /// At most `limit` bytes of the file, as text.
    static func read(_ path: String, limit: Int) throws -> String {
        String(decoding: try tail(path, from: 0, limit: limit), as: UTF8.self)
    }

    /// At most `limit` bytes from `offset` on.
    static func tail(_ path: String, from offset: Int, limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot be read", path, errno) }
        defer { close(descriptor) }
        if offset > 0 { lseek(descriptor, offset, SEEK_SET) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            // `wanted` is at most the buffer's size.
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be read", path, errno)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    /// Replaces `path` in one step, durably, with the given mode from its first byte on.
    /// - Parameter owner: nil keeps the owner of the file that is replaced, so that root does not lock a user out.
    static func replace(_ path: String, with text: String, mode: UInt32, owner: ServerAccount? = nil) throws {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", temporary, errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            // The range is inside the array, which outlives the call.
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be written", temporary, errno)
            }
            written += count
        }
        let former = Self.owner(of: path)
        let user = owner?.userID ?? former?.userID, group = owner?.groupID ?? former?.groupID
        if geteuid() == 0, let user, let group, fchown(descriptor, user, group) != 0 {
            throw failure("cannot be given to user \(user)", temporary, errno)
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw failure("cannot be written", path, errno)
        }
    }

    static func owner(of path: String) -> Owner? {
        var information = stat()
        guard lstat(path, &information) == 0 else { return nil }
        return Owner(userID: information.st_uid, groupID: information.st_gid, mode: information.st_mode)
    }

    static func size(of path: String) -> Int {
        var information = stat()
        return lstat(path, &information) == 0 ? Int(information.st_size) : 0
    }

    static func allocatedBytes(_ path: String) -> Int64 {
        var information = stat()
        return lstat(path, &information) == 0 ? Int64(information.st_blocks) * 512 : 0
    }

    static func exists(_ path: String) -> Bool { owner(of: path) != nil }

    static func isDirectory(_ path: String) -> Bool {
        owner(of: path).map { $0.mode & UInt32(S_IFMT) == UInt32(S_IFDIR) } ?? false
    }

    /// Makes the directory if it is missing, for the given owner; leaves an existing one as it is.
    static func makeDirectory(_ path: String, mode: UInt32, userID: UInt32? = nil, groupID: UInt32? = nil) throws {
        if isDirectory(path) { return }
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST, isDirectory(path) { return }
            throw failure("cannot be created", path, errno)
        }
        if userID != nil || groupID != nil {
            // The parent is ours alone at this point, so that the name still means the directory just made.
            guard lchown(path, userID ?? UInt32.max, groupID ?? UInt32.max) == 0 else { throw failure("cannot be given away", path, errno) }
        }
        guard chmod(path, mode) == 0 else { throw failure("cannot be given its mode", path, errno) }
    }

    static func failure(_ what: String, _ path: String, _ number: Int32) -> ServiceError {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT:
            return ServiceError(.diskFull, "\(path) \(what): \(reason); free some space, or choose another directory with MVFLEET_DATA_DIR")
        case EACCES, EPERM, EROFS:
            return ServiceError(.permission, "\(path) \(what): \(reason); run as the directory's owner, or choose another directory with MVFLEET_DATA_DIR")
        case ENOTDIR, EEXIST, ELOOP, ENAMETOOLONG:
            return ServiceError(.configuration, "\(path) \(what): \(reason); choose another directory with MVFLEET_DATA_DIR")
        default:
            return ServiceError(.corrupt, "\(path) \(what): \(reason)")
        }
    }
}
