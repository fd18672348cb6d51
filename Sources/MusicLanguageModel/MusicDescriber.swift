import TensorKernels

/// The paper's model as a whole: music and what is known of a clip in, a description of its music video out.
///
/// Each part is there or not: without a language model music can still be embedded, without an audio tower a clip can still be described from its texts.
public final class MusicDescriber: Sendable {
    /// How a model is loaded.
    public struct Options: Hashable, Sendable {
        /// Of the language model's weights, where it runs here.
        public var format: WeightFormat
        /// Of the audio tower's.
        public var towerFormat: WeightFormat
        public var adapters: AdapterUse
        public var native: NativeOptions
        public var meanSubtraction: MeanSubtraction

        public init(format: WeightFormat = .int8, towerFormat: WeightFormat = .float32, adapters: AdapterUse = .merged, native: NativeOptions = NativeOptions(),
                    meanSubtraction: MeanSubtraction = .inPlace) {
            self.format = format
            self.towerFormat = towerFormat
            self.adapters = adapters
            self.native = native
            self.meanSubtraction = meanSubtraction
        }
    }

    /// What to describe, and how to ask for it.
    public struct Question: Sendable {
        /// What is known; whether the music goes in is said by `switches`, and by there being any.
        public var input: PromptInput
        public var switches: InputSwitches
        public var template: PromptTemplate
        public var instruction: String
        public var beginning: PromptTemplate.Beginning
        /// The music as the one mean of its clips, as in NExT-GPT, instead of a token for each.
        public var poolsMusic: Bool
        public var maximumTokens: Int
        public var stop: [String]
        public var sampling: SamplingSettings
        public var usesAdapters: Bool

        public init(_ input: PromptInput, switches: InputSwitches = .all, template: PromptTemplate = .deepResonance, instruction: String = PromptTemplate.paperInstruction,
                    beginning: PromptTemplate.Beginning = .asTrained, poolsMusic: Bool = false, maximumTokens: Int = 1024, stop: [String] = [GenerationRequest.trainedStop],
                    sampling: SamplingSettings = .greedy, usesAdapters: Bool = true) {
            self.input = input
            self.switches = switches
            self.template = template
            self.instruction = instruction
            self.beginning = beginning
            self.poolsMusic = poolsMusic
            self.maximumTokens = maximumTokens
            self.stop = stop
            self.sampling = sampling
            self.usesAdapters = usesAdapters
        }
    }

    /// Nil without an audio tower.
    public let embedder: AudioEmbedder?
    public let adaptor: Adaptor?
    /// Nil without a language model.
    public let backend: (any LanguageModelBackend)?
    private let tokenizer: (any TextTokenizer)?
    private let rows: TokenEmbeddings?

    /// Of parts that are loaded already.
    public init(embedder: AudioEmbedder? = nil, adaptor: Adaptor? = nil, tokenizer: (any TextTokenizer)? = nil, rows: TokenEmbeddings? = nil, backend: (any LanguageModelBackend)? = nil) {
        self.embedder = embedder
        self.adaptor = adaptor
        self.tokenizer = tokenizer
        self.rows = rows
        self.backend = backend
    }

    /// Loads what lies in a directory; takes as long as reading it does.
    ///
    /// - backend: runs the language model elsewhere; it is given the model's tensors and tokenizer, whose embeddings prompts are made of. By default the
    ///   native backend on this machine's processor, with the weights in memory in `options.format`.
    /// - Throws: `ModelError.checkpoint` for a part that is there and cannot be used, or when there is none at all; what `backend` throws.
    public static func load(_ directory: ModelDirectory, options: Options = Options(),
                            backend: ((LanguageModelTensors, Tokenizer) throws -> any LanguageModelBackend)? = nil) throws -> MusicDescriber {
        guard directory.canEmbed || directory.describableInputs != nil else {
            throw ModelError(code: .checkpoint, message: "\(directory.path) holds no model: " + directory.missingParts.map { "\($0.rawValue): \($0.remedy)" }.joined(separator: "; "))
        }
        let embedder = try directory.canEmbed ? loadEmbedder(directory, options) : nil
        guard directory.describableInputs != nil else { return MusicDescriber(embedder: embedder) }
        let adaptor = try directory.has(.adaptor) ? directory.loadAdaptor() : nil
        let tensors = try directory.loadLanguageModelTensors(), tokenizer = try directory.loadTokenizer()
        if let adaptor, adaptor.outputs != tensors.configuration.hidden {
            throw ModelError(code: .checkpoint, message: "the adaptor gives \(adaptor.outputs) numbers a token, and the language model takes \(tensors.configuration.hidden): they belong to different models")
        }
        if let adaptor, let embedder, adaptor.inputs != embedder.outputs {
            throw ModelError(code: .checkpoint, message: "the audio tower gives \(embedder.outputs) numbers, and the adaptor takes \(adaptor.inputs): they belong to different models")
        }
        let running = try backend?(tensors, tokenizer) ?? NativeBackend(
            model: LlamaModel(tensors, format: options.format, adapters: options.adapters, threads: options.native.threads), tokenizer: tokenizer, options: options.native)
        return MusicDescriber(embedder: embedder, adaptor: adaptor, tokenizer: tokenizer, rows: TokenEmbeddings(tensors), backend: running)
    }

    private static func loadEmbedder(_ directory: ModelDirectory, _ options: Options) throws(ModelError) -> AudioEmbedder {
        let (tensors, configuration) = try directory.openAudioTower()
        return try AudioEmbedder(tower: tensors, configuration: configuration, format: options.towerFormat, meanSubtraction: options.meanSubtraction)
    }

    /// Why this cannot be answered, where that is so: a part of the model that it needs is missing.
    public func obstacle(to question: Question) -> ModelError? {
        if backend == nil { return ModelError(code: .backend, message: "there is no language model in the model's directory: put its config.json, weights and tokenizer there") }
        if question.switches.contains(.music), question.input.hasMusic, adaptor == nil {
            return ModelError(code: .checkpoint, message: "there is no adaptor (llama_proj) in the model's directory, and music is to go into the prompt: put it there, or leave input 1 out")
        }
        return nil
    }

    /// The music of a recording as vectors.
    ///
    /// - Parameters:
    ///   - channels: samples of -1 to 1.
    ///   - threads: of the tower.
    /// - Throws: `ModelError.checkpoint` without an audio tower; what the front end throws.
    public func embedding(samples channels: [[Float]], sampleRate: Int, threads: Int = 1) throws(ModelError) -> AudioEmbedding {
        guard let embedder else { throw ModelError(code: .checkpoint, message: "there is no audio tower in the model's directory: put imagebind_huge.pth there") }
        return try embedder.embed(samples: channels, sampleRate: sampleRate, threads: threads)
    }

    /// The prompt for a question, as the language model takes it.
    ///
    /// - music: needed where the question lets music in; it then must have some.
    public func prompt(_ question: Question, music: AudioEmbedding?) throws -> PromptEmbeddings {
        if let obstacle = obstacle(to: question) { throw obstacle }
        guard let tokenizer, let rows else { throw ModelError(code: .backend, message: "there is no tokenizer for the language model") }
        var input = question.input.keeping(question.switches)
        input.hasMusic = input.hasMusic && music != nil
        let segments = question.template.segments(input, instruction: question.instruction, beginning: question.beginning, reserved: tokenizer.reserved)
        return try PromptEmbeddings(segments, tokenizer: tokenizer, rows: rows, music: input.hasMusic ? projected(music, pooled: question.poolsMusic) : [])
    }

    private func projected(_ music: AudioEmbedding?, pooled: Bool) throws(ModelError) -> [[Float]] {
        guard let music, let adaptor else { return [] }
        // An embedding may come from a store, and from another tower.
        guard music.pooled.count == adaptor.inputs, music.clips.allSatisfy({ $0.count == adaptor.inputs }) else {
            throw ModelError(code: .request, message: "the music's embedding has \(music.pooled.count) numbers, and the adaptor takes \(adaptor.inputs): it was made with another audio tower")
        }
        return adaptor.project(music, pooled: pooled)
    }

    /// Begins to answer: words come as they are made. What has come is read with ``ParsedDescription/init(parsing:finish:expectedFrames:)``.
    ///
    /// - Throws: what ``prompt(_:music:)`` and ``LanguageModelBackend/generate(_:)`` throw.
    public func describe(_ question: Question, music: AudioEmbedding?) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        let request = GenerationRequest(prompt: try prompt(question, music: music), maximumTokens: question.maximumTokens, stop: question.stop, sampling: question.sampling,
                                        usesAdapters: question.usesAdapters)
        guard let backend else { throw ModelError(code: .backend, message: "there is no language model") }
        return try await backend.generate(request)
    }

    /// A whole answer and what it says.
    public func description(_ question: Question, music: AudioEmbedding?, expectedFrames: Int = ParsedDescription.framesOfAClip) async throws -> (answer: GeneratedText, parsed: ParsedDescription) {
        var answer = GeneratedText()
        for try await piece in try await describe(question, music: music) { answer.append(piece) }
        return (answer, ParsedDescription(parsing: answer.text, finish: answer.finish, expectedFrames: expectedFrames))
    }

    public func shutdown() async { await backend?.shutdown() }
}
