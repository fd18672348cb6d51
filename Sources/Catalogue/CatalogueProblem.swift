/// Something in a catalogue that could not be used. The row is skipped; the rest is read on.
public struct CatalogueProblem: Hashable, Sendable, Codable {
    /// Relative to the catalogue's root.
    public var file: String
    /// From 1; nil where the whole file is meant.
    public var line: Int?
    public var field: String?
    public var cause: String
    public var remedy: String

    public init(file: String, line: Int? = nil, field: String? = nil, cause: String, remedy: String) {
        self.file = file
        self.line = line
        self.field = field
        self.cause = cause
        self.remedy = remedy
    }
}

/// What was noted while reading. The list is bounded; the count is not.
public struct CatalogueProblems: Hashable, Sendable {
    /// More than anybody reads.
    public static let limit = 1000

    public private(set) var first: [CatalogueProblem] = []
    public private(set) var count = 0

    mutating func note(_ problem: CatalogueProblem) {
        count += 1
        if first.count < Self.limit { first.append(problem) }
    }
}
