import Crypto
import Foundation

/// A new file that is written once, front to back, through a bounded buffer, and hashed on the way.
final class OutputFile {
    static let bufferSize = 1 << 20

    let path: String
    private(set) var byteCount = 0
    private let handle: FileHandle
    private var hash = SHA256()
    private var buffer: [UInt8] = []

    /// - Throws: `dataset.io`, also when something stands at `path`.
    init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DatasetError.system("create", path) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: some Collection<UInt8>) throws {
        buffer += bytes
        byteCount += bytes.count
        if buffer.count >= OutputFile.bufferSize { try flush() }
    }

    /// Brings everything to the disk.
    /// - Returns: SHA-256 of the whole file, hexadecimal.
    func close() throws -> String {
        try flush()
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw DatasetError.system("write", path, cause: error)
        }
        return hexadecimal(hash.finalize())
    }

    private func flush() throws {
        guard !buffer.isEmpty else { return }
        let data = Data(buffer)
        buffer.removeAll(keepingCapacity: true)
        hash.update(data: data)
        do { try handle.write(contentsOf: data) } catch { throw DatasetError.system("write", path, cause: error) }
    }
}

extension DatasetError {
    /// A refusal of the file system; the cause is `errno`'s unless given.
    static func system(_ action: String, _ path: String, cause: (any Error)? = nil) -> DatasetError {
        let reason = cause.map { String(describing: $0) } ?? String(describing: POSIXErrorCode(rawValue: errno) ?? .EIO)
        return DatasetError(.inputOutput, "Could not \(action) '\(path)'; check permissions and free space.", cause: reason, isRetriable: true)
    }
}
