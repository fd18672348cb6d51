/// A value of a GGUF file's metadata.
enum GGUFValue {
    case unsigned(UInt32)
    case float(Float)
    case flag(Bool)
    case text(String)
    case texts([String])
    case floats([Float])
    case integers([Int32])

    /// The type's number, then the value.
    func write(to bytes: inout LittleEndianBytes) {
        switch self {
        case .unsigned(let value):
            bytes.append(UInt32(4))
            bytes.append(value)
        case .float(let value):
            bytes.append(UInt32(6))
            bytes.append(value.bitPattern)
        case .flag(let value):
            bytes.append(UInt32(7))
            bytes.append(UInt8(value ? 1 : 0))
        case .text(let value):
            bytes.append(UInt32(8))
            bytes.append(value)
        case .texts(let values):
            bytes.append(array: 8, count: values.count)
            for value in values { bytes.append(value) }
        case .floats(let values):
            bytes.append(array: 6, count: values.count)
            for value in values { bytes.append(value.bitPattern) }
        case .integers(let values):
            bytes.append(array: 5, count: values.count)
            for value in values { bytes.append(UInt32(bitPattern: value)) }
        }
    }
}

/// Bytes with numbers in little-endian order.
struct LittleEndianBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ value: Number) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    /// Its length in eight bytes, then its UTF-8.
    mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(array type: UInt32, count: Int) {
        append(UInt32(9))
        append(type)
        append(UInt64(count))
    }
}
