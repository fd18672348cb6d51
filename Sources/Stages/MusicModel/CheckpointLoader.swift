import ChatCompletions
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
        /// Where files are kept that are made of a checkpoint once, such as those that llama.cpp loads.
        public var cacheDirectory: String
        /// For the backend vllm.
        public var server: Server?

        public init(threads: Int = 1, slots: Int = 8, cacheDirectory: String, server: Server? = nil) {
            self.threads = threads
            self.slots = slots
            self.cacheDirectory = cacheDirectory
            self.server = server
        }
    }

    /// A vLLM server.
    public struct Server: Sendable, Hashable {
        /// Up to and with `/v1`.
        public var url: String
        /// The model's name there.
        public var model: String
        /// The name that it has there without the LoRA adapters, where it is served so, too.
        public var plainModel: String?
        public var key: APIKey?

        public init(url: String, model: String, plainModel: String? = nil, key: APIKey? = nil) {
            self.url = url
            self.model = model
            self.plainModel = plainModel
            self.key = key
        }
    }

    private let options: Options

    public init(_ options: Options) { self.options = options }

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
            if let adaptor, adaptor.outputs != tensors.configuration.hidden {
                throw ModelError(code: .checkpoint, message: "\(directory): the adaptor gives \(adaptor.outputs) numbers a token, and the language model takes \(tensors.configuration.hidden): they belong to different models")
            }
            let running = try RunningBackend(needs, tensors, tokenizer, options)
            return CheckpointWriter(describer: MusicDescriber(adaptor: adaptor, tokenizer: tokenizer, rows: TokenEmbeddings(tensors), backend: running.backend), running: running)
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
    let describer: MusicDescriber
    let running: RunningBackend

    func write(_ sources: PredictionSources, _ settings: PredictionSettings) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        let question = MusicDescriber.Question(sources.prompt, switches: settings.inputs, template: settings.template, instruction: settings.instruction, beginning: settings.beginning,
                                               poolsMusic: settings.music == .pooled)
        let prompt = try describer.prompt(question, music: sources.music)
        // What is left of the context, where the recipe allows for more than that.
        let room = max(running.backend.description.contextLength - prompt.tokenCount, 1)
        return try await running.backend.generate(GenerationRequest(prompt: prompt, maximumTokens: min(settings.maximumTokens, room), sampling: settings.sampling, usesAdapters: settings.usesAdapters))
    }

    func shutdown() async { await running.shutdown() }
}
