import CTensorKernels

/// Owns a packed matrix's memory. Written by whoever fills it, and only read from then on.
final class PackedWeights: @unchecked Sendable {
    /// Invariant: `byteCount` bytes, aligned to a cache line, until this object goes.
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        pointer = tensor_allocate(byteCount)
    }

    deinit { tensor_free(pointer, byteCount) }
}
