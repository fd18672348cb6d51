import ChatCompletions
import FleetModel
import LibLlama
import MusicLanguageModel
import RemoteLanguageModel
import TensorKernels

/// A backend for a checkpoint's language model, with what is to be ended after it.
struct RunningBackend: Sendable {
    let backend: any LanguageModelBackend
    private var client: ChatClient?

    /// Tokens of prompts and answers for whose keys and values there is memory, for each text that is written at the same time.
    private static let cacheTokensPerSlot = 1_536

    /// Blocking: reads the weights, or writes the files that llama.cpp loads.
    init(_ needs: MusicModels.WriterNeeds, _ tensors: LanguageModelTensors, _ tokenizer: Tokenizer, _ options: CheckpointLoader.Options) throws {
        switch needs.backend {
        case .native:
            let model = try LlamaModel(tensors, format: needs.weights, adapters: needs.usesAdapters ? .merged : .none, threads: options.threads)
            let cache = max(options.slots * Self.cacheTokensPerSlot, min(tensors.configuration.contextLength, 4 * Self.cacheTokensPerSlot))
            backend = try NativeBackend(model: model, tokenizer: tokenizer, options: NativeOptions(slots: options.slots, queue: 2 * options.slots, cacheTokens: cache, threads: options.threads))
        case .libllama:
            backend = try LibLlamaBackend(try LlamaLibrary.find(), tensors: tensors, tokenizer: tokenizer, weights: needs.weights, adapters: needs.usesAdapters ? .merged : .none,
                                          identity: needs.checkpoint.hex, cache: LlamaFileCache(directory: options.cacheDirectory),
                                          options: LibLlamaOptions(slots: min(options.slots, 64), queue: 2 * options.slots, threads: options.threads))
        case .vllm:
            guard let server = options.server else {
                throw ModelError(code: .backend, message: "the backend vllm needs a server: give --model-url and --model-name (or MVFLEET_MODEL_URL and MVFLEET_MODEL_NAME, or music_model in the configuration file)", isRetriable: true)
            }
            let client: ChatClient
            do throws(ChatError) {
                client = try ChatClient(endpoints: [Endpoint(name: "vllm", baseURL: server.url, key: server.key, dialect: .vllm)])
            } catch { throw ModelError(code: .backend, message: error.message, cause: error, isRetriable: error.isRetriable) }
            self.client = client
            backend = RemoteBackend(client: client, model: server.model, plainModel: server.plainModel, configuration: tensors.configuration,
                                    options: RemoteBackendOptions(concurrency: max(options.slots, 1)))
        }
    }

    func shutdown() async {
        await backend.shutdown()
        await client?.shutdown()
    }
}
