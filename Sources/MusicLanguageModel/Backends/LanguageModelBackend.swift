/// Something that runs the language model: continues prompts given as embeddings, many at a time.
public protocol LanguageModelBackend: Sendable {
    var description: LanguageModelDescription { get }

    /// Starts on a request: returns when it is accepted, and its pieces then come as they are made.
    ///
    /// A backend takes up a bounded number of requests; further callers wait here for their turn, and one that is cancelled meanwhile leaves the line. Whoever stops
    /// reading the stream, or is cancelled in it, ends the request and frees its place.
    ///
    /// - Returns: pieces of text, the last one with the reason of its end.
    /// - Throws: `ModelError.promptTooLong`, `ModelError.request` or `ModelError.backend` before anything runs; the stream throws `ModelError.backend`.
    func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GeneratedPiece, any Error>

    /// Takes no more requests, ends those that run (`cancelled`), and returns when all is given back.
    func shutdown() async
}

/// What a backend runs, for reports and provenance.
public struct LanguageModelDescription: Hashable, Sendable, Codable {
    /// `native`, `libllama`, `vllm`.
    public var backend: String
    /// The weights' format, or the server's name for the model.
    public var model: String
    /// Numbers a token.
    public var hidden: Int
    /// Tokens of a prompt and its answer together.
    public var contextLength: Int
    /// Requests that run at the same time.
    public var concurrency: Int
    /// Bytes that the weights take in this process; 0 where they are elsewhere.
    public var weightBytes: Int
    /// Whether a request may ask to run without the LoRA adapters.
    public var canLeaveAdaptersOut: Bool

    public init(backend: String, model: String, hidden: Int, contextLength: Int, concurrency: Int, weightBytes: Int = 0, canLeaveAdaptersOut: Bool = false) {
        self.backend = backend
        self.model = model
        self.hidden = hidden
        self.contextLength = contextLength
        self.concurrency = concurrency
        self.weightBytes = weightBytes
        self.canLeaveAdaptersOut = canLeaveAdaptersOut
    }
}

extension LanguageModelBackend {
    /// A whole answer at once.
    public func answer(_ request: GenerationRequest) async throws -> GeneratedText {
        var answer = GeneratedText()
        for try await piece in try await generate(request) { answer.append(piece) }
        return answer
    }
}
