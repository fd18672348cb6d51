import GGUF
import MusicLanguageModel
import Synchronization

/// The language model on llama.cpp's library, on whatever processors it was built for, many requests at a time.
///
/// Tokens are chosen, and answers stopped, by the same code as the native backend's: llama.cpp gives the scores.
public final class LibLlamaBackend: LanguageModelBackend {
    public let description: LanguageModelDescription
    private let engine: AnswerEngine
    private let line: AdmissionLine
    private let nextID = Atomic<UInt64>(0)

    /// What a context has where nobody says otherwise, at most.
    private static let usualContext = 2048

    /// Loads the files and starts the thread that the model runs on; ``shutdown()``, or the end of this object, ends it.
    ///
    /// - Parameters:
    ///   - model: a GGUF file that this program has written.
    ///   - adapter: likewise, of the LoRA adapters that requests may have or not; nil where there are none, or where they are merged into the model.
    ///   - configuration: what the files were written from.
    ///   - weights: the format's name; with `f32` attention is in single precision too, as in the native backend.
    ///   - hasMergedAdapters: requests cannot do without the adapters.
    /// - Throws: `ModelError.backend`, with what the library said.
    public init(_ library: LlamaLibrary, model: String, adapter: String? = nil, configuration: LlamaConfiguration, weights: String, hasMergedAdapters: Bool = false,
                tokenizer: any TextTokenizer, options: LibLlamaOptions = LibLlamaOptions()) throws(ModelError) {
        let contextTokens = min(options.contextTokens ?? Self.usualContext, configuration.contextLength)
        let context = try LlamaContext(library, model: model, adapter: adapter, contextTokens: contextTokens, isExact: weights == GGUFTensorType.f32.rawValue, options: options)
        guard context.hidden == configuration.hidden, context.vocabulary == configuration.vocabulary else {
            throw ModelError(code: .backend, message: "llama.cpp has loaded a model of \(context.hidden) numbers a token and \(context.vocabulary) tokens, not \(configuration.hidden) and \(configuration.vocabulary): delete \(model)")
        }
        line = AdmissionLine(places: options.slots + options.queue)
        let limits = AnswerEngine.Limits(slots: options.slots, tokens: options.slots * contextTokens, promptPart: options.promptPart)
        engine = AnswerEngine(tokenizer: tokenizer, limits: limits, line: line) { LibLlamaRunner(context) }
        description = LanguageModelDescription(backend: "libllama", model: weights, hidden: configuration.hidden, contextLength: contextTokens, concurrency: options.slots,
                                               weightBytes: context.weightBytes, canLeaveAdaptersOut: !hasMergedAdapters)
        try engine.start()
    }

    deinit {
        line.close()
        engine.shutDown()
    }

    public func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        try request.validate(hidden: description.hidden, contextLength: description.contextLength)
        guard request.usesAdapters || description.canLeaveAdaptersOut else {
            throw ModelError(code: .request, message: "the adapters are merged into the weights, and the request wants to do without: load the model with adapters applied beside them")
        }
        try await line.enter()
        return begin(request)
    }

    public func shutdown() async {
        line.close()
        engine.shutDown()
        await engine.ended()
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
