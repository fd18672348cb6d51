/// How the members of `Root` become named fields: each is declared once, with its type, its meaning and how it is read, so that
/// the JSON, the Parquet columns, the declared features and the card cannot disagree.
public struct Shape<Root>: Sendable {
    /// One declared member.
    public struct Member: Sendable {
        let field: Field
        let read: @Sendable (Root) -> FieldValue
    }

    private let members: [Member]

    public init(_ members: [Member]) {
        self.members = members
    }

    /// This shape with more members at its end.
    func adding(_ others: [Member]) -> Shape { Shape(members + others) }

    /// The declaration, in order.
    public var fields: [Field] { members.map(\.field) }

    /// The members of `root`, in the order of `fields`.
    public func values(of root: Root) -> [FieldValue] { members.map { $0.read(root) } }
}

extension Shape.Member {
    static func string(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> String) -> Self {
        Self(field: Field(name, .string, meaning)) { .string(read($0)) }
    }

    static func int(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> Int) -> Self {
        Self(field: Field(name, .int, meaning)) { .int(Int64(read($0))) }
    }

    static func float(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> Double) -> Self {
        Self(field: Field(name, .float, meaning)) { .float(read($0)) }
    }

    static func bool(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> Bool) -> Self {
        Self(field: Field(name, .bool, meaning)) { .bool(read($0)) }
    }

    static func strings(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> [String]) -> Self {
        Self(field: Field(name, .list(.string), meaning)) { .list(read($0).map(FieldValue.string)) }
    }

    static func floats(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Root) -> [Double]) -> Self {
        Self(field: Field(name, .list(.float), meaning)) { .list(read($0).map(FieldValue.float)) }
    }

    static func structure<Part>(_ name: String, _ meaning: String, _ shape: Shape<Part>,
                                _ read: @escaping @Sendable (Root) -> Part) -> Self {
        Self(field: Field(name, .structure(shape.fields), meaning)) { .structure(shape.values(of: read($0))) }
    }

    static func structures<Part>(_ name: String, _ meaning: String, _ shape: Shape<Part>,
                                 _ read: @escaping @Sendable (Root) -> [Part]) -> Self {
        Self(field: Field(name, .list(.structure(shape.fields)), meaning)) {
            .list(read($0).map { .structure(shape.values(of: $0)) })
        }
    }
}
