import Synchronization
import TensorKernels

/// The language model on this machine's processor, many requests at a time.
public final class NativeBackend: LanguageModelBackend {
    public let description: LanguageModelDescription
    private let engine: AnswerEngine
    private let line: AdmissionLine
    private let options: NativeOptions
    private let hasAppliedAdapters: Bool
    private let hasMergedAdapters: Bool
    private let nextID = Atomic<UInt64>(0)

    /// Starts the thread that the model runs on; ``shutdown()``, or the end of this object, ends it.
    ///
    /// - Throws: `ModelError.backend` when there is no thread.
    public init(model: LlamaModel, tokenizer: any TextTokenizer, options: NativeOptions = NativeOptions()) throws(ModelError) {
        let configuration = model.configuration
        self.options = options
        hasAppliedAdapters = model.adapters == .applied
        hasMergedAdapters = model.adapters == .merged && model.hasAdapters
        line = AdmissionLine(places: options.slots + options.queue)
        engine = AnswerEngine(tokenizer: tokenizer, limits: AnswerEngine.Limits(slots: options.slots, tokens: options.cacheTokens, promptPart: options.promptPart), line: line) {
            NativeRunner(model, threads: options.threads)
        }
        description = LanguageModelDescription(backend: "native", model: model.format.rawValue, hidden: configuration.hidden, contextLength: configuration.contextLength,
                                               concurrency: options.slots, weightBytes: model.byteCount, canLeaveAdaptersOut: !hasMergedAdapters)
        try engine.start()
    }

    deinit {
        line.close()
        engine.shutDown()
    }

    public func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        try validate(request)
        try await line.enter()
        return begin(request)
    }

    public func shutdown() async {
        line.close()
        engine.shutDown()
        await engine.ended()
    }

    private func validate(_ request: GenerationRequest) throws(ModelError) {
        try request.validate(hidden: description.hidden, contextLength: description.contextLength)
        guard request.prompt.tokenCount + request.maximumTokens <= options.cacheTokens else {
            throw ModelError(code: .promptTooLong, message: """
                the prompt of \(request.prompt.tokenCount) tokens and an answer of up to \(request.maximumTokens) need more than the \(options.cacheTokens) tokens that \
                memory is set aside for: ask for fewer, or set more aside
                """)
        }
        guard request.usesAdapters || !hasMergedAdapters else {
            throw ModelError(code: .request, message: "the adapters are merged into the weights, and the request wants to do without: load the model with adapters applied beside them")
        }
    }

    @inline(never) private func begin(_ request: GenerationRequest) -> AsyncThrowingStream<GeneratedPiece, any Error> {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
        let (stream, pieces) = AsyncThrowingStream<GeneratedPiece, any Error>.makeStream()
        pieces.onTermination = { [weak engine] reason in
            if case .cancelled = reason { engine?.cancel(id) }
        }
        engine.add(AnswerJob(id: id, request: request, pieces: pieces))
        return stream
    }
}
