/// A model's whole answer.
public struct ChatAnswer: Hashable, Sendable, Codable {
    public var text: String
    /// `stop` is an answer; `length`, `content_filter` and all else are none.
    public var finishReason: String
    /// What the model says where it refuses; nil where it does not.
    public var refusal: String?
    public var usage: ChatUsage?
    /// As the server names it; a fallback's name differs from the request's.
    public var model: String
    /// The name of the endpoint that answered; nil where it is not known.
    public var endpoint: String?

    public init(text: String, finishReason: String, refusal: String? = nil, usage: ChatUsage? = nil, model: String, endpoint: String? = nil) {
        self.text = text
        self.finishReason = finishReason
        self.refusal = refusal
        self.usage = usage
        self.model = model
        self.endpoint = endpoint
    }

    enum CodingKeys: String, CodingKey { case text, finishReason = "finish_reason", refusal, usage, model, endpoint }

    /// The finish reason of a completed text that the model itself has ended, where a server tells it from one that a stop text has ended (`stop`).
    public static let endOfText = "end_of_text"
}

/// What a stream has brought.
public struct AnswerPiece: Hashable, Sendable {
    public var text: String
    /// Its tokens, where the server tells them; there may be some without text.
    public var tokens: [Int32]

    public init(text: String = "", tokens: [Int32] = []) {
        self.text = text
        self.tokens = tokens
    }

    public var isEmpty: Bool { text.isEmpty && tokens.isEmpty }

    mutating func append(_ other: AnswerPiece) {
        text += other.text
        tokens += other.tokens
    }
}

/// What an answer is billed for.
public struct ChatUsage: Hashable, Sendable, Codable {
    public var promptTokens: Int
    /// Of the prompt's: those that the server had cached, which cost less.
    public var cachedPromptTokens: Int
    public var completionTokens: Int

    public init(promptTokens: Int, cachedPromptTokens: Int = 0, completionTokens: Int) {
        self.promptTokens = promptTokens
        self.cachedPromptTokens = cachedPromptTokens
        self.completionTokens = completionTokens
    }

    enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens", cachedPromptTokens = "cached_prompt_tokens", completionTokens = "completion_tokens"
    }
}
