import Glibc

/// A checkpoint's file, opened for reading in parts.
///
/// Parts are read (`pread`), not mapped: a mapped file that somebody makes shorter, as `cp` over it does, kills the process that touches the
/// part that has gone, while a read tells of it. Nothing stays in memory but the part that is lent, which is converted at once anyway. The copy
/// costs 0.1 s of CPU a GiB beside a mapping (0.28 and 0.18 s with bfloat16 made single precision, in cache).
package final class CheckpointFile: ByteSource {
    package let name: String
    package let count: Int
    private let descriptor: CInt

    /// - Throws: `CheckpointError.unreadable` for what cannot be opened, and for what is not a plain file.
    package init(path: String) throws(CheckpointError) {
        // Without waiting: a pipe would let the opening wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.failure(path, code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CheckpointError(code: .unreadable, message: "\(path) is not a plain file")
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.descriptor = descriptor
        name = path
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    package func withBytes(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) throws(CheckpointError) {
        guard range.lowerBound >= 0, range.upperBound <= count else { throw malformed("it has \(count) bytes, not \(range)") }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 64)
        defer { buffer.deallocate() }
        var done = 0
        while done < range.count {
            // Invariant: done < range.count, so that the rest lies in the buffer.
            let got = pread(descriptor, buffer.baseAddress! + done, min(range.count - done, 1 << 30), off_t(range.lowerBound + done))
            if got > 0 { done += got } else if got == 0 {
                throw CheckpointError(code: .unreadable, message: "\(name) has become shorter while it was read: copy the checkpoint again, and load it when that is done")
            } else if errno != EINTR { throw Self.failure(name, errno) }
        }
        body(UnsafeRawBufferPointer(buffer))
    }

    private static func failure(_ path: String, _ code: CInt) -> CheckpointError {
        CheckpointError(code: .unreadable, message: "cannot read \(path): \(String(cString: strerror(code)))")
    }
}
