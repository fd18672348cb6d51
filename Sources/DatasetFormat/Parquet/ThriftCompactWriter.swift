/// Writes structures in Thrift's compact protocol, of which Parquet's headers and footer are made.
/// Source: thrift/doc/specs/thrift-compact-protocol.md.
struct ThriftCompactWriter {
    private enum WireType: UInt8 {
        case i16 = 4, i32 = 5, i64 = 6, binary = 8, list = 9, structure = 12
    }

    private(set) var bytes: [UInt8] = []
    private var lastField: Int16 = 0

    mutating func i16(_ field: Int16, _ value: Int) { header(field, .i16); zigzag(value) }
    mutating func i32(_ field: Int16, _ value: Int) { header(field, .i32); zigzag(value) }
    mutating func i64(_ field: Int16, _ value: Int) { header(field, .i64); zigzag(value) }
    mutating func string(_ field: Int16, _ value: String) { header(field, .binary); binary(value) }

    mutating func structure(_ field: Int16, _ body: (inout ThriftCompactWriter) -> Void) {
        header(field, .structure)
        nested(body)
    }

    mutating func structures<Element>(_ field: Int16, _ elements: [Element], _ body: (inout ThriftCompactWriter, Element) -> Void) {
        list(field, .structure, elements.count)
        for element in elements { nested { body(&$0, element) } }
    }

    mutating func i32s(_ field: Int16, _ values: [Int]) {
        list(field, .i32, values.count)
        for value in values { zigzag(value) }
    }

    mutating func strings(_ field: Int16, _ values: [String]) {
        list(field, .binary, values.count)
        for value in values { binary(value) }
    }

    /// One structure that is not a field of another.
    static func encode(_ body: (inout ThriftCompactWriter) -> Void) -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.nested(body)
        return writer.bytes
    }

    private mutating func nested(_ body: (inout ThriftCompactWriter) -> Void) {
        let outer = lastField
        lastField = 0
        body(&self)
        bytes.append(0)
        lastField = outer
    }

    /// Fields come in ascending order, so that the distance from the last one fits into the header's upper half.
    private mutating func header(_ field: Int16, _ type: WireType) {
        let distance = field - lastField
        precondition((1...15).contains(distance), "fields are written in ascending order, at most 15 apart")
        bytes.append(UInt8(distance) << 4 | type.rawValue)
        lastField = field
    }

    private mutating func list(_ field: Int16, _ element: WireType, _ count: Int) {
        header(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | element.rawValue)
        } else {
            bytes.append(0xF0 | element.rawValue)
            ThriftCompactWriter.append(varint: UInt64(count), to: &bytes)
        }
    }

    private mutating func binary(_ text: String) {
        ThriftCompactWriter.append(varint: UInt64(text.utf8.count), to: &bytes)
        bytes += text.utf8
    }

    private mutating func zigzag(_ value: Int) {
        let value = Int64(value)
        ThriftCompactWriter.append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)), to: &bytes)
    }

    /// Seven bits a byte, least significant first (ULEB128).
    static func append(varint value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
