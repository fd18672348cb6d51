/// A type's object identifier, as fixed in PostgreSQL's `pg_type.dat`.
public struct TypeOID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Left to the server to infer.
    static let unspecified = TypeOID(0)
    static let bool = TypeOID(16)
    static let bytea = TypeOID(17)
    static let char = TypeOID(18)
    static let name = TypeOID(19)
    static let int8 = TypeOID(20)
    static let int2 = TypeOID(21)
    static let int4 = TypeOID(23)
    static let text = TypeOID(25)
    static let oid = TypeOID(26)
    static let xid = TypeOID(28)
    static let json = TypeOID(114)
    static let float4 = TypeOID(700)
    static let float8 = TypeOID(701)
    static let unknown = TypeOID(705)
    static let bpchar = TypeOID(1042)
    static let varchar = TypeOID(1043)
    static let timestamp = TypeOID(1114)
    static let timestamptz = TypeOID(1184)
    static let interval = TypeOID(1186)
    static let numeric = TypeOID(1700)
    static let void = TypeOID(2278)
    static let uuid = TypeOID(2950)
    static let jsonb = TypeOID(3802)
    static let xid8 = TypeOID(5069)

    static let boolArray = TypeOID(1000)
    static let byteaArray = TypeOID(1001)
    static let int2Array = TypeOID(1005)
    static let int4Array = TypeOID(1007)
    static let textArray = TypeOID(1009)
    static let int8Array = TypeOID(1016)
    static let float8Array = TypeOID(1022)
    static let timestamptzArray = TypeOID(1185)

    /// Types made in the database (enums, domains, extensions) begin here.
    var isUserDefined: Bool { rawValue >= 16_384 }
}

extension TypeOID: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bool: "boolean"
        case .bytea: "bytea"
        case .char: "\"char\""
        case .name: "name"
        case .int8: "bigint"
        case .int2: "smallint"
        case .int4: "integer"
        case .text: "text"
        case .oid: "oid"
        case .xid: "xid"
        case .json: "json"
        case .float4: "real"
        case .float8: "double precision"
        case .bpchar: "character"
        case .varchar: "character varying"
        case .timestamp: "timestamp"
        case .timestamptz: "timestamptz"
        case .interval: "interval"
        case .numeric: "numeric"
        case .uuid: "uuid"
        case .jsonb: "jsonb"
        case .xid8: "xid8"
        case .boolArray: "boolean[]"
        case .byteaArray: "bytea[]"
        case .int2Array: "smallint[]"
        case .int4Array: "integer[]"
        case .textArray: "text[]"
        case .int8Array: "bigint[]"
        case .float8Array: "double precision[]"
        case .timestamptzArray: "timestamptz[]"
        default: "type \(rawValue)"
        }
    }
}
