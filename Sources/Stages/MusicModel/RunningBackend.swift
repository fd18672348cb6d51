import ChatCompletions
import FleetModel
import Foundation
import GGUF
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
            let library = try LlamaLibrary.find()
            let file = try Self.modelFile(needs, tensors, tokenizer, options)
            backend = try LibLlamaBackend(library, model: file, configuration: tensors.configuration, weights: needs.weights.rawValue, hasMergedAdapters: needs.usesAdapters, tokenizer: tokenizer,
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

    /// Made once for a checkpoint and a format.
    private static func modelFile(_ needs: MusicModels.WriterNeeds, _ tensors: LanguageModelTensors, _ tokenizer: Tokenizer, _ options: CheckpointLoader.Options) throws -> String {
        let type: GGUFTensorType = switch needs.weights {
        case .float32: .f32
        case .bfloat16: .bf16
        case .int8: .q8_0
        case .int4: .q4_0
        }
        let path = "\(options.cacheDirectory)/\(needs.checkpoint.hex.prefix(32))-\(type.rawValue)\(needs.usesAdapters ? "" : "-base").gguf"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        do {
            try FileManager.default.createDirectory(atPath: options.cacheDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ModelError(code: .backend, message: "\(options.cacheDirectory), where llama.cpp's files are kept, cannot be made: check its permissions, or choose another place with --data-dir", cause: error)
        }
        let vocabulary = try GGUFVocabulary(tokenizer, rows: tensors.configuration.vocabulary)
        try LlamaModelFile(tensors: tensors, vocabulary: vocabulary, format: type, mergesAdapters: needs.usesAdapters).write(to: path)
        return path
    }
}
