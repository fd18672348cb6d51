/// What a language model is to continue, and until when.
public struct GenerationRequest: Sendable {
    public var prompt: PromptEmbeddings
    /// The answer's tokens at most, 1 or more. Prompt and answer together fit in the model's context.
    public var maximumTokens: Int
    /// The answer ends before the first of these texts, wherever the tokens' boundaries lie.
    public var stop: [String]
    public var sampling: SamplingSettings
    /// Whether the checkpoint's LoRA adapters take part. Backends that have merged them refuse false.
    public var usesAdapters: Bool

    /// What ends an answer in DeepResonance's and NExT-GPT's training data.
    public static let trainedStop = "\n###"

    public init(prompt: PromptEmbeddings, maximumTokens: Int = 1024, stop: [String] = [GenerationRequest.trainedStop], sampling: SamplingSettings = .greedy,
                usesAdapters: Bool = true) {
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.stop = stop
        self.sampling = sampling
        self.usesAdapters = usesAdapters
    }

    /// What every backend checks before anything runs.
    ///
    /// - Parameters:
    ///   - hidden: the model's numbers a token.
    ///   - contextLength: its longest prompt and answer together, in tokens.
    /// - Throws: `ModelError.promptTooLong`, or `ModelError.request` for another thing that cannot be run.
    public func validate(hidden: Int, contextLength: Int) throws(ModelError) {
        try sampling.validate()
        guard prompt.hidden == hidden else { throw ModelError(code: .request, message: "a prompt of \(prompt.hidden) numbers a token for a model of \(hidden): its adaptor belongs to another model") }
        guard prompt.tokenCount > 0 else { throw ModelError(code: .request, message: "the prompt is empty") }
        guard maximumTokens > 0 else { throw ModelError(code: .request, message: "an answer of at most \(maximumTokens) tokens: ask for one or more") }
        guard !stop.contains("") else { throw ModelError(code: .request, message: "an empty stop text would end every answer before it begins: leave it out") }
        // Invariant: compared without adding, so that a huge maximum does not overflow.
        guard prompt.tokenCount < contextLength, maximumTokens <= contextLength - prompt.tokenCount else {
            throw ModelError(code: .promptTooLong, message: """
                the prompt of \(prompt.tokenCount) tokens and an answer of up to \(maximumTokens) do not fit in the model's context of \(contextLength) tokens: \
                shorten the lyrics understanding, or ask for fewer tokens
                """)
        }
    }
}
