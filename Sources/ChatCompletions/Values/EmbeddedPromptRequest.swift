/// One completion of a prompt that is given as the embeddings of its tokens, which vLLM takes when it was started with `--enable-prompt-embeds`
/// (`POST /v1/completions`, field `prompt_embeds`).
public struct EmbeddedPromptRequest: Hashable, Sendable {
    public var model: String
    /// What `torch.save` writes of a tensor `tokens × hidden` in half, bfloat16 or single precision.
    public var embeddings: [UInt8]
    /// Rows of the tensor.
    public var promptTokens: Int
    /// The most tokens of the answer.
    public var maximumAnswerTokens: Int
    /// The answer ends before the first of these texts.
    public var stop: [String]
    /// 0 (the most probable token every time) to 2.
    public var temperature: Double
    /// Above 0 to 1.
    public var topP: Double
    public var seed: Int64?

    public init(model: String, embeddings: [UInt8], promptTokens: Int, maximumAnswerTokens: Int, stop: [String] = [], temperature: Double = 0, topP: Double = 1, seed: Int64? = nil) {
        self.model = model
        self.embeddings = embeddings
        self.promptTokens = promptTokens
        self.maximumAnswerTokens = maximumAnswerTokens
        self.stop = stop
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
    }
}
