/// A type's object identifier, as fixed in PostgreSQL's `pg_type.dat`.
public struct TypeOID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Left to the server to infer.
    package static let unspecified = TypeOID(0)
    package static let bool = TypeOID(16)
    package static let bytea = TypeOID(17)
    package static let char = TypeOID(18)
    package static let name = TypeOID(19)
    package static let int8 = TypeOID(20)
    package static let int2 = TypeOID(21)
    package static let int4 = TypeOID(23)
    package static let text = TypeOID(25)
    package static let oid = TypeOID(26)
    package static let xid = TypeOID(28)
    package static let json = TypeOID(114)
    package static let float4 = TypeOID(700)
    package static let float8 = TypeOID(701)
    package static let unknown = TypeOID(705)
    package static let bpchar = TypeOID(1042)
    package static let varchar = TypeOID(1043)
    package static let timestamp = TypeOID(1114)
    package static let timestamptz = TypeOID(1184)
    package static let interval = TypeOID(1186)
    package static let numeric = TypeOID(1700)
    package static let void = TypeOID(2278)
    package static let uuid = TypeOID(2950)
    package static let jsonb = TypeOID(3802)
    package static let xid8 = TypeOID(5069)

    package static let boolArray = TypeOID(1000)
    package static let byteaArray = TypeOID(1001)
    package static let int2Array = TypeOID(1005)
    package static let int4Array = TypeOID(1007)
    package static let textArray = TypeOID(1009)
    package static let int8Array = TypeOID(1016)
    package static let float8Array = TypeOID(1022)
    package static let timestamptzArray = TypeOID(1185)

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
