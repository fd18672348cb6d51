/// A Swift type that a column's binary value can be read as.
protocol ColumnDecodable {
    static var wanted: String { get }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> Self
}

extension ColumnDecodable {
    static func mismatch() -> DecodingFault { DecodingFault("cannot be read as \(wanted)") }
}

/// Any integer column whose value fits, and `numeric` without a fraction (`sum(bigint)` is one).
protocol IntegerColumn: ColumnDecodable, FixedWidthInteger {}

extension IntegerColumn {
    static var wanted: String { "an integer" }

    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> Self {
        switch type {
        case .int8: try fitting(try WireDecoding.whole(bytes) as Int64)
        case .int4: try fitting(try WireDecoding.whole(bytes) as Int32)
        case .int2: try fitting(try WireDecoding.whole(bytes) as Int16)
        case .oid, .xid: try fitting(try WireDecoding.whole(bytes) as UInt32)
        case .xid8: try fitting(try WireDecoding.whole(bytes) as UInt64)
        case .numeric: try parsed(try WireDecoding.numeric(bytes))
        default: throw mismatch()
        }
    }

    private static func fitting(_ value: some FixedWidthInteger) throws(DecodingFault) -> Self {
        guard let fitting = Self(exactly: value) else { throw DecodingFault("\(value) does not fit \(Self.self)") }
        return fitting
    }

    private static func parsed(_ text: String) throws(DecodingFault) -> Self {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first, parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }), let value = Self(whole) else {
            throw DecodingFault("\(text.prefix(40)) is not a whole number that fits \(Self.self)")
        }
        return value
    }
}

extension Int64: IntegerColumn {}
extension Int32: IntegerColumn {}
extension Int16: IntegerColumn {}
extension Int: IntegerColumn {}
extension UInt64: IntegerColumn {}

extension Double: ColumnDecodable {
    static var wanted: String { "a double" }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> Double {
        switch type {
        case .float8: return Double(bitPattern: try WireDecoding.whole(bytes))
        case .float4: return Double(Float(bitPattern: try WireDecoding.whole(bytes)))
        case .int4: return Double(try WireDecoding.whole(bytes) as Int32)
        case .int2: return Double(try WireDecoding.whole(bytes) as Int16)
        case .int8: return Double(try WireDecoding.whole(bytes) as Int64)
        case .numeric:
            guard let value = Double(try WireDecoding.numeric(bytes)) else { throw mismatch() }
            return value
        default: throw mismatch()
        }
    }
}

extension Bool: ColumnDecodable {
    static var wanted: String { "a boolean" }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> Bool {
        guard type == .bool else { throw mismatch() }
        return try WireDecoding.whole(bytes, as: UInt8.self) != 0
    }
}

extension String: ColumnDecodable {
    static var wanted: String { "text (cast it in the statement: ::text)" }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> String {
        switch type {
        case .text, .varchar, .bpchar, .name, .json, .unknown, .char: return try WireDecoding.text(bytes)
        case .numeric: return try WireDecoding.numeric(bytes)
        case .jsonb:
            // One byte of version, then the text.
            guard try WireDecoding.integer(bytes, as: UInt8.self) == 1 else { throw DecodingFault("this version of jsonb's format is not known") }
            return try WireDecoding.text(bytes.extracting(1..<bytes.byteCount))
        // Enums and domains over text travel as their text.
        case _ where type.isUserDefined: return try WireDecoding.text(bytes)
        default: throw mismatch()
        }
    }
}

extension Timestamp: ColumnDecodable {
    static var wanted: String { "a timestamp" }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> Timestamp {
        guard type == .timestamptz || type == .timestamp else { throw mismatch() }
        return Timestamp(wireValue: try WireDecoding.whole(bytes))
    }
}

extension Array: ColumnDecodable where Element == UInt8 {
    static var wanted: String { "bytes" }
    static func decode(_ bytes: RawSpan, _ type: TypeOID) throws(DecodingFault) -> [UInt8] {
        guard type == .bytea || type == .uuid else { throw mismatch() }
        return WireDecoding.bytes(bytes)
    }
}
