/// The fields of a protocol-buffers message, one after another; ends early where the bytes make no sense.
struct ProtobufFields {
    struct Field {
        var number: UInt64
        /// Of a length-delimited field.
        var bytes: ArraySlice<UInt8>?
        /// Of a field of four bytes.
        var float: Float?
        /// Of a varint.
        var integer: UInt64?
    }

    private var rest: ArraySlice<UInt8>
    private var isDamaged = false

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// All bytes were read, and made sense.
    var isWhole: Bool { rest.isEmpty && !isDamaged }

    mutating func next() -> Field? {
        guard !isDamaged, !rest.isEmpty else { return nil }
        isDamaged = true
        guard let key = varint() else { return nil }
        var field = Field(number: key >> 3)
        switch key & 7 {
        case 0:
            guard let value = varint() else { return nil }
            field.integer = value
        case 1: guard take(8) != nil else { return nil }
        case 2:
            guard let length = varint(), let length = Int(exactly: length), let bytes = take(length) else { return nil }
            field.bytes = bytes
        case 5:
            guard let bytes = take(4) else { return nil }
            field.float = Float(bitPattern: bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        default: return nil
        }
        isDamaged = false
        return field
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for place in 0 ..< 10 {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << (7 * UInt64(place))
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
