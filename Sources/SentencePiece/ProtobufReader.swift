/// Walks a message of protocol buffers (protobuf.dev/programming-guides/encoding), field by field; nil where it is cut off.
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private let bytes: ArraySlice<UInt8>
    private var at: Int
    private(set) var isMalformed = false

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    /// The next field; nil at the end, and where the message does not fit.
    mutating func next() -> (field: Int, value: Value)? {
        guard at < bytes.endIndex, !isMalformed else { return nil }
        guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29, let value = value(wireType: tag & 7) else {
            isMalformed = true
            return nil
        }
        return (Int(tag >> 3), value)
    }

    private mutating func value(wireType: UInt64) -> Value? {
        switch wireType {
        case 0: varint().map(Value.number)
        case 1: fixed(8).map(Value.number)
        case 2: varint().flatMap { Int(exactly: $0) }.flatMap { slice($0) }.map(Value.bytes)
        case 5: fixed(4).map(Value.number)
        default: nil
        }
    }

    private mutating func varint() -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard at < bytes.endIndex else { return nil }
            let byte = bytes[at]
            at += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        return nil
    }

    private mutating func fixed(_ width: Int) -> UInt64? { slice(width).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } } }

    private mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.endIndex - at else { return nil }
        at += count
        return bytes[at - count ..< at]
    }
}

extension ProtobufReader.Value {
    var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var number: UInt64? { if case .number(let number) = self { number } else { nil } }
}
