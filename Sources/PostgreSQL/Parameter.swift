/// A value bound to `$1`, `$2`, … Encoded where it is made, so that the connection's thread only sends.
///
/// Numbers, booleans, bytes and arrays declare their type and travel binary; `text` leaves its type to the server, so that `jsonb`, enum or
/// `regclass` parameters take it too. `nil` is a NULL of the same type.
public struct Parameter: Sendable, Hashable {
    enum Payload: Sendable, Hashable {
        case null
        case text([UInt8])
        case binary([UInt8])
        /// Cannot be sent; the reason is thrown, with the parameter's number, when it is used.
        case invalid(String)
    }

    package let type: TypeOID
    let payload: Payload

    init(_ type: TypeOID, _ payload: Payload) {
        self.type = type
        self.payload = payload
    }

    private static func binary<Value>(_ type: TypeOID, _ value: Value?, _ append: (Value, inout [UInt8]) -> Void) -> Parameter {
        guard let value else { return Parameter(type, .null) }
        var bytes: [UInt8] = []
        append(value, &bytes)
        return Parameter(type, .binary(bytes))
    }

    static let nulInText = "the text holds a NUL character, which PostgreSQL cannot store"
}

extension Parameter {
    /// NULL of a type that the server infers.
    public static var null: Parameter { Parameter(.unspecified, .null) }
    public static func int64(_ value: Int64?) -> Parameter { binary(.int8, value, WireEncoding.append) }
    public static func int32(_ value: Int32?) -> Parameter { binary(.int4, value, WireEncoding.append) }
    public static func int16(_ value: Int16?) -> Parameter { binary(.int2, value, WireEncoding.append) }
    /// A `bigint`.
    public static func int(_ value: Int?) -> Parameter { binary(.int8, value.map(Int64.init), WireEncoding.append) }
    public static func double(_ value: Double?) -> Parameter { binary(.float8, value?.bitPattern, WireEncoding.append) }
    public static func bool(_ value: Bool?) -> Parameter { binary(.bool, value) { $1.append($0 ? 1 : 0) } }
    public static func bytea(_ value: [UInt8]?) -> Parameter { Parameter(.bytea, value.map { .binary($0) } ?? .null) }
    public static func timestamp(_ value: Timestamp?) -> Parameter { binary(.timestamptz, value?.wireValue, WireEncoding.append) }
    public static func interval(_ value: Duration?) -> Parameter { Parameter(.interval, value.map { .binary(WireEncoding.interval($0)) } ?? .null) }
    public static func xid8(_ value: UInt64?) -> Parameter { binary(.xid8, value, WireEncoding.append) }

    /// - Parameter value: 16 bytes.
    public static func uuid(_ value: [UInt8]?) -> Parameter {
        guard let value else { return Parameter(.uuid, .null) }
        return Parameter(.uuid, value.count == 16 ? .binary(value) : .invalid("a uuid has 16 bytes, not \(value.count)"))
    }

    /// Text, whose type the server infers from where it stands.
    public static func text(_ value: String?) -> Parameter {
        guard let value else { return Parameter(.unspecified, .null) }
        let bytes = Array(value.utf8)
        return Parameter(.unspecified, bytes.contains(0) ? .invalid(nulInText) : .text(bytes))
    }
}

extension Parameter: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral {
    public init(integerLiteral value: Int64) { self = .int64(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(nilLiteral: ()) { self = .null }
}
