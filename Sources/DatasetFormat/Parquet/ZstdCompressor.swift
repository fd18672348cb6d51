import CZstd

/// Compresses whole blocks with Zstandard on one thread; for one version of libzstd, the same block gives the same bytes.
/// The one place of this library with unsafe pointers.
final class ZstdCompressor {
    static let level: Int32 = 3

    // Invariant: made in `init`, never nil, used only by `compress` (the class is not Sendable), freed once in `deinit`.
    private let context: OpaquePointer

    init() throws {
        guard let context = ZSTD_createCCtx() else {
            throw DatasetError(.compression, "libzstd could not allocate a compressor; free some memory.", isRetriable: true)
        }
        self.context = context
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    func compress(_ block: [UInt8]) throws -> [UInt8] {
        let capacity = ZSTD_compressBound(block.count)
        guard ZSTD_isError(capacity) == 0 else { throw DatasetError(.compression, "A block of \(block.count) bytes is too large for libzstd.") }
        var failure: String?
        let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            // Invariant: both buffers live through the call, and libzstd writes at most `capacity` bytes, of which it returns the number.
            let written = block.withUnsafeBufferPointer { input in
                ZSTD_compressCCtx(context, output.baseAddress, capacity, input.baseAddress, input.count, ZstdCompressor.level)
            }
            if ZSTD_isError(written) != 0 { failure = String(cString: ZSTD_getErrorName(written)) } else { count = written }
        }
        if let failure { throw DatasetError(.compression, "libzstd could not compress a block of \(block.count) bytes.", cause: failure) }
        return compressed
    }
}
