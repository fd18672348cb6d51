import FleetModel
import MusicLanguageModel
import TensorKernels

/// Loads the paper's model from directories as people have them.
public struct CheckpointLoader: MusicModelLoader {
    /// How this machine runs it: no part of any recipe.
    public struct Options: Sendable, Hashable {
        /// Threads that a part computes on.
        public var threads: Int
        /// Texts that are written at the same time.
        public var slots: Int

        public init(threads: Int = 1, slots: Int = 8) {
            self.threads = threads
            self.slots = slots
        }
    }

    private let options: Options

    public init(_ options: Options = Options()) { self.options = options }

    public func tower(in directory: String, weights: WeightFormat) throws -> any MusicTower {
        let (tensors, configuration) = try ModelDirectory(path: directory).openAudioTower()
        return LoadedTower(tower: try AudioTower(tensors: tensors, configuration: configuration, format: weights), threads: options.threads)
    }

    public func writer(in directory: String, _ needs: MusicModels.WriterNeeds) async throws -> any MusicWriter {
        let options = options
        return try await onOwnThread {
            let place = try ModelDirectory(path: directory)
            let tokenizer = try place.loadTokenizer(), tensors = try place.loadLanguageModelTensors()
            let adaptor = place.has(.adaptor) ? try place.loadAdaptor() : nil
            return CheckpointWriter(backend: try Self.backend(needs, tensors, tokenizer, options), tokenizer: tokenizer, rows: TokenEmbeddings(tensors), adaptor: adaptor, directory: directory)
        }
    }

    /// Tokens of prompts and answers for whose keys and values there is memory, for each text that is written at the same time.
    private static let cacheTokensPerSlot = 1_536

    private static func backend(_ needs: MusicModels.WriterNeeds, _ tensors: LanguageModelTensors, _ tokenizer: Tokenizer, _ options: Options) throws -> any LanguageModelBackend {
        switch needs.backend {
        case .native:
            let model = try LlamaModel(tensors, format: needs.weights, adapters: needs.usesAdapters ? .merged : .none, threads: options.threads)
            let cache = max(options.slots * cacheTokensPerSlot, min(tensors.configuration.contextLength, 4 * cacheTokensPerSlot))
            return try NativeBackend(model: model, tokenizer: tokenizer, options: NativeOptions(slots: options.slots, queue: 2 * options.slots, cacheTokens: cache, threads: options.threads))
        case .libllama, .vllm:
            throw ModelError(code: .backend, message: "the backend '\(needs.backend.rawValue)' is not in this program")
        }
    }
}

private struct LoadedTower: MusicTower {
    let tower: AudioTower
    let threads: Int

    var configuration: AudioTowerConfiguration { tower.configuration }

    func vectors(of recordings: [ClipSpectra]) -> [[[Float]]] { tower.embed(recordings, threads: threads) }
}

private struct CheckpointWriter: MusicWriter {
    let backend: any LanguageModelBackend
    let tokenizer: Tokenizer
    let rows: TokenEmbeddings
    /// Nil where the checkpoint has none; then there is no music in prompts.
    let adaptor: Adaptor?
    let directory: String

    func write(_ sources: PredictionSources, _ settings: PredictionSettings) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        let segments = settings.template.segments(sources.prompt, instruction: settings.instruction, beginning: settings.beginning, reserved: tokenizer.reserved)
        let prompt = try PromptEmbeddings(segments, tokenizer: tokenizer, rows: rows, music: try tokens(of: sources.music, settings.music))
        // What is left of the context, where the recipe allows for more than that.
        let room = max(backend.description.contextLength - prompt.tokenCount, 1)
        return try await backend.generate(GenerationRequest(prompt: prompt, maximumTokens: min(settings.maximumTokens, room), sampling: settings.sampling, usesAdapters: settings.usesAdapters))
    }

    private func tokens(of music: [[Float]], _ form: PredictionSettings.Music) throws(ModelError) -> [[Float]] {
        guard let first = music.first else { return [] }
        guard let adaptor else {
            throw ModelError(code: .checkpoint, message: "\(directory) has no adaptor, without which the language model does not hear: \(ModelDirectory.Part.adaptor.remedy); or leave 1 (music) out of the inputs")
        }
        guard music.allSatisfy({ $0.count == adaptor.inputs }) else {
            throw ModelError(code: .checkpoint, message: "the embedding has vectors of \(first.count) numbers, and the adaptor in \(directory) takes \(adaptor.inputs): tower and adaptor belong to different models")
        }
        switch form {
        case .sequence: return adaptor.project(music)
        case .pooled: return adaptor.project([first.indices.map { index in music.reduce(0) { $0 + $1[index] } / Float(music.count) }])
        }
    }

    func shutdown() async { await backend.shutdown() }
}
