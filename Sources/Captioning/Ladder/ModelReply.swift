/// What came back for a request, as far as a text is judged by it.
public struct ModelReply: Hashable, Sendable {
    public var text: String
    /// `stop` is an answer; `length`, `content_filter` and all else are none.
    public var finishReason: String
    public var refusal: String?
    /// As the server names it.
    public var model: String
    public var promptTokens: Int
    public var completionTokens: Int

    public init(text: String, finishReason: String = "stop", refusal: String? = nil, model: String, promptTokens: Int = 0, completionTokens: Int = 0) {
        self.text = text
        self.finishReason = finishReason
        self.refusal = refusal
        self.model = model
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}
