/// PostgreSQL's binary representation of values (`typsend`/`typreceive`): network byte order, arrays as in `array_send`.
package enum WireEncoding {
    static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Microseconds, days, months; a `Duration` has only the first.
    static func interval(_ duration: Duration) -> [UInt8] {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        var bytes: [UInt8] = []
        append(overflow || overflow2 ? (seconds < 0 ? Int64.min : Int64.max) : sum, to: &bytes)
        append(Int32(0), to: &bytes)
        append(Int32(0), to: &bytes)
        return bytes
    }

    /// A one-dimensional array: dimensions, null flag, element type, length, lower bound, then each element with its length (-1 for NULL).
    package static func array<Element>(
        _ elements: some Collection<Element?>, of type: TypeOID, bytesEach: Int, append body: (Element, inout [UInt8]) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.count * (4 + bytesEach))
        append(Int32(elements.isEmpty ? 0 : 1), to: &bytes)
        append(Int32(elements.contains { $0 == nil } ? 1 : 0), to: &bytes)
        append(type.rawValue, to: &bytes)
        if elements.isEmpty { return bytes }
        append(Int32(clamping: elements.count), to: &bytes)
        append(Int32(1), to: &bytes)
        for element in elements {
            if let element {
                appendField(element, to: &bytes, body)
            } else {
                append(Int32(-1), to: &bytes)
            }
        }
        return bytes
    }

    /// A length in four bytes, then the value that `body` appends.
    static func appendField<Value>(_ value: Value, to bytes: inout [UInt8], _ body: (Value, inout [UInt8]) -> Void) {
        let start = bytes.count
        append(Int32(0), to: &bytes)
        body(value, &bytes)
        let length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
        bytes[start] = UInt8(truncatingIfNeeded: length >> 24)
        bytes[start + 1] = UInt8(truncatingIfNeeded: length >> 16)
        bytes[start + 2] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[start + 3] = UInt8(truncatingIfNeeded: length)
    }
}
