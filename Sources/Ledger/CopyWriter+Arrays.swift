import PostgreSQL

extension CopyWriter {
    /// A `bigint[]` without NULLs. A field of a binary COPY is a length and the type's own bytes, so the bytes of an array can go where those of a `bytea` do.
    mutating func int64Array(_ values: [Int64]) {
        let bigint: Int32 = 20
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + 12 * values.count)
        // Dimensions (an empty array has none), no NULLs, element type, then each dimension's length and lower bound.
        for word in values.isEmpty ? [0, 0, bigint] : [1, 0, bigint, Int32(clamping: values.count), 1] { append(word, to: &bytes) }
        for value in values {
            append(Int32(8), to: &bytes)
            append(value, to: &bytes)
        }
        bytea(bytes)
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
