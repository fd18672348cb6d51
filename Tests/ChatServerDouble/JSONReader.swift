extension JSONValue {
    public struct Malformed: Error {
        public let offset: Int
    }

    /// Strict JSON (RFC 8259), with nothing after it.
    public init(_ bytes: some Collection<UInt8>) throws {
        if let value = try bytes.withContiguousStorageIfAvailable({ try JSONReader.read($0) }) {
            self = value
        } else {
            self = try Array(bytes).withUnsafeBufferPointer { try JSONReader.read($0) }
        }
    }

    public init(_ text: String) throws { try self.init(Array(text.utf8)) }
}

/// Reads one value. Strings without escapes are copied whole: a body of a megabyte is nearly nothing else.
private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var offset = 0

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.offset == bytes.count else { throw reader.malformed }
        return value
    }

    var malformed: JSONValue.Malformed { JSONValue.Malformed(offset: offset) }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[offset]) { offset += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard take(byte) else { throw malformed }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
        guard bytes.count - offset >= text.utf8CodeUnitCount,
              (0..<text.utf8CodeUnitCount).allSatisfy({ bytes[offset + $0] == text.utf8Start[$0] }) else { throw malformed }
        offset += text.utf8CodeUnitCount
        return value
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        skipSpace()
        guard offset < bytes.count, depth < 200 else { throw malformed }
        switch bytes[offset] {
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["):
            offset += 1
            var items: [JSONValue] = []
            if take(UInt8(ascii: "]")) { return .array(items) }
            repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"))
            return .array(items)
        case UInt8(ascii: "{"):
            offset += 1
            var members: [JSONValue.Member] = []
            if take(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipSpace()
                let name = try string()
                try expect(UInt8(ascii: ":"))
                members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "}"))
            return .object(members)
        default: return .number(try number())
        }
    }

    private mutating func number() throws -> Double {
        let start = offset
        while offset < bytes.count, "+-.eE0123456789".utf8.contains(bytes[offset]) { offset += 1 }
        guard offset > start, let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else { throw malformed }
        return value
    }

    private mutating func string() throws -> String {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw malformed }
        offset += 1
        var text = "", start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let rest = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
                offset += 1
                return text.isEmpty ? rest : text + rest
            case UInt8(ascii: "\\"):
                text += String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
                offset += 1
                text.unicodeScalars.append(try escape())
                start = offset
            case 0..<0x20: throw malformed
            default: offset += 1
            }
        }
        throw malformed
    }

    private mutating func escape() throws -> Unicode.Scalar {
        guard offset < bytes.count else { throw malformed }
        defer { offset += 1 }
        switch bytes[offset] {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(bytes[offset])
        case UInt8(ascii: "u"):
            let high = try unit()
            guard (0xd800..<0xdc00).contains(high) else { return Unicode.Scalar(high) ?? "\u{fffd}" }
            guard offset + 2 < bytes.count, bytes[offset + 1] == UInt8(ascii: "\\"), bytes[offset + 2] == UInt8(ascii: "u") else { return "\u{fffd}" }
            offset += 2
            let low = try unit()
            guard (0xdc00..<0xe000).contains(low) else { return "\u{fffd}" }
            return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)) ?? "\u{fffd}"
        default: throw malformed
        }
    }

    /// The four digits after a `u`, on which `offset` stands; leaves it on the last of them.
    private mutating func unit() throws -> UInt32 {
        guard offset + 4 < bytes.count, let unit = UInt32(String(decoding: bytes[(offset + 1)...(offset + 4)], as: UTF8.self), radix: 16) else { throw malformed }
        offset += 4
        return unit
    }
}
