/// Reads Thrift's compact protocol into a tree, for looking at what the Parquet writer wrote.
struct ThriftCompactReader {
    indirect enum Value {
        case bool(Bool)
        case int(Int)
        case binary([UInt8])
        case list([Value])
        case structure([Int: Value])

        subscript(field: Int) -> Value? { if case .structure(let fields) = self { fields[field] } else { nil } }
        var int: Int? { if case .int(let value) = self { value } else { nil } }
        var list: [Value] { if case .list(let values) = self { values } else { [] } }
        var text: String? { if case .binary(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil } }
    }

    struct Malformed: Error {}

    private let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func structure() throws -> Value {
        var fields: [Int: Value] = [:]
        var last = 0
        while true {
            let header = try byte()
            if header == 0 { return .structure(fields) }
            last = header >> 4 == 0 ? try zigzag() : last + Int(header >> 4)
            fields[last] = try value(header & 15)
        }
    }

    private mutating func value(_ type: UInt8) throws -> Value {
        switch type {
        case 1, 2: return .bool(type == 1)
        case 4, 5, 6: return .int(try zigzag())
        case 8:
            let count = try varint()
            guard offset + count <= bytes.count else { throw Malformed() }
            defer { offset += count }
            return .binary(Array(bytes[offset..<offset + count]))
        case 9:
            let header = try byte()
            let count = header >> 4 == 15 ? try varint() : Int(header >> 4)
            return .list(try (0..<count).map { _ in try value(header & 15) })
        case 12: return try structure()
        default: throw Malformed()
        }
    }

    private mutating func byte() throws -> UInt8 {
        guard offset < bytes.count else { throw Malformed() }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func varint() throws -> Int {
        var result = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            let next = try byte()
            result |= Int(next & 0x7F) << shift
            if next < 0x80 { return result }
        }
        throw Malformed()
    }

    private mutating func zigzag() throws -> Int {
        let raw = try varint()
        return (raw >> 1) ^ -(raw & 1)
    }
}
