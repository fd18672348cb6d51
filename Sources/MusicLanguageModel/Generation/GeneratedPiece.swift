/// Why an answer ended.
public enum FinishReason: String, Hashable, Sendable, Codable {
    /// A stop text came.
    case stop
    /// The model ended its text.
    case endOfText = "end_of_text"
    /// The answer reached the most tokens that it may have.
    case length
    /// Nobody listens any more, or the backend was shut down.
    case cancelled
}

/// What an answer has taken.
public struct GenerationUsage: Hashable, Sendable, Codable {
    public var promptTokens: Int
    public var answerTokens: Int

    public init(promptTokens: Int = 0, answerTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
    }
}

/// A piece of an answer as it comes.
public struct GeneratedPiece: Hashable, Sendable {
    /// New text; never any of a stop text. Empty where the new tokens end within a character, or might begin a stop text.
    public var text: String
    /// New tokens, those of a stop text and the end of text included; empty where a backend does not tell.
    public var tokens: [Int32]
    /// In the last piece, and only there.
    public var finish: FinishReason?
    /// So far.
    public var usage: GenerationUsage

    public init(text: String, tokens: [Int32] = [], finish: FinishReason? = nil, usage: GenerationUsage) {
        self.text = text
        self.tokens = tokens
        self.finish = finish
        self.usage = usage
    }
}

/// A whole answer.
public struct GeneratedText: Hashable, Sendable {
    public var text = ""
    public var tokens: [Int32] = []
    public var finish = FinishReason.cancelled
    public var usage = GenerationUsage()

    public init() {}

    public mutating func append(_ piece: GeneratedPiece) {
        text += piece.text
        tokens += piece.tokens
        finish = piece.finish ?? finish
        usage = piece.usage
    }
}
