import Crypto
import Foundation

/// Reading files whose size nobody has promised.
enum BoundedFile {
    /// - Returns: nil if there is no such file.
    /// - Throws: `dataset.manifest_invalid` past `limit` bytes; `dataset.io`.
    static func read(_ path: String, limit: Int) throws -> Data? {
        guard let handle = try openForReading(path) else { return nil }
        do {
            let data = try handle.read(upToCount: limit + 1) ?? Data()
            guard data.count <= limit else { throw DatasetError(.manifestInvalid, "'\(path)' is larger than \(limit) bytes.") }
            return data
        } catch let error as DatasetError { throw error } catch { throw DatasetError.system("read", path, cause: error) }
    }

    /// Size and SHA-256 (hexadecimal); nil if there is no such file.
    static func digest(_ path: String) throws -> (bytes: Int, sha256: String)? {
        guard let handle = try openForReading(path) else { return nil }
        var hash = SHA256()
        var count = 0
        do {
            while let block = try handle.read(upToCount: 1 << 20), !block.isEmpty {
                hash.update(data: block)
                count += block.count
            }
        } catch { throw DatasetError.system("read", path, cause: error) }
        return (count, hexadecimal(hash.finalize()))
    }

    /// Regular files only: a pipe would be waited for without end.
    private static func openForReading(_ path: String) throws -> FileHandle? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw DatasetError.system("read", path)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw DatasetError(.manifestInvalid, "'\(path)' is not a regular file.")
        }
        return handle
    }
}
