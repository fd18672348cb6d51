/// A prompt as a language model takes it in: one row of numbers a token, those of its words and those of the music.
public struct PromptEmbeddings: Hashable, Sendable {
    /// Numbers a token: the language model's hidden size.
    public let hidden: Int
    /// `tokenCount × hidden`, row-major.
    public private(set) var values: [Float]

    /// - values: row-major, a whole number of rows.
    public init(hidden: Int, values: [Float] = []) {
        precondition(hidden > 0 && values.count % hidden == 0, "prompt embeddings are whole rows of \(hidden) numbers, not \(values.count) numbers")
        self.hidden = hidden
        self.values = values
    }

    public var tokenCount: Int { values.count / hidden }

    public subscript(token token: Int) -> ArraySlice<Float> { values[token * hidden ..< (token + 1) * hidden] }

    mutating func append(_ row: [Float]) {
        precondition(row.count == hidden, "a row has \(hidden) numbers, not \(row.count)")
        values += row
    }
}
