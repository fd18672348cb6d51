import Checkpoints
import TensorKernels

/// What a model's directory holds, in figures: for people who wonder why it does not load, and whether it will fit.
public struct ModelInventory: Sendable, Codable {
    public struct Tensor: Sendable, Codable {
        public let name: String
        /// As safetensors names types.
        public let type: String
        public let shape: [Int]
    }

    public struct Part: Sendable, Codable {
        /// `audio tower`, `language model`, …
        public let name: String
        public let path: String
        public let tensors: [Tensor]
        public let parameters: Int
        /// Of the numbers, as stored.
        public let byteCount: Int
        /// What else is to be said: where it is used, how it is scaled.
        public let remark: String?
    }

    public struct Memory: Sendable, Codable {
        public let format: String
        /// Of the language model's weights in this format.
        public let weightBytes: Int
        /// Keys and values of a token.
        public let cacheBytesPerToken: Int
    }

    public struct Missing: Sendable, Codable {
        public let part: String
        public let remedy: String
    }

    public struct LanguageModel: Sendable, Codable {
        public let hidden, intermediate, layers, heads, keyValueHeads, headDimension, vocabulary, contextLength: Int
        public let epsilon, ropeTheta: Double
        public let ropeScaling: String
        public let tiesEmbeddings: Bool
        public let parameters: Int
        /// Where the embeddings' rows come from.
        public let embeddings: String
        /// Where LoRA comes from.
        public let adapter: String?
        /// Tokens that the tokenizer knows.
        public let tokenizerVocabulary: Int?
    }

    public let path: String
    public let parts: [Part]
    public let languageModel: LanguageModel?
    public let memory: [Memory]
    public let missing: [Missing]
    /// Why a part that is there cannot be used.
    public let faults: [String]
    /// Files that could not be read, and what is there more than once.
    public let remarks: [String]
    public let canEmbed: Bool
    /// The inputs that a description can be made of, as `1+2+3+4`; nil where none can be made.
    public let describableInputs: String?
}

extension ModelInventory {
    /// Opens all that is there; nothing but headers is read.
    public init(_ directory: ModelDirectory) {
        var parts: [Part] = [], faults: [String] = []
        func attempt<Value>(_ body: () throws(ModelError) -> Value?) -> Value? {
            do throws(ModelError) { return try body() } catch {
                faults.append(error.message)
                return nil
            }
        }
        func add(_ name: String, _ file: String?, remark: String? = nil, _ belongs: (String) -> Bool = { _ in true }) {
            guard let file, let archive = attempt({ () throws(ModelError) in try ModelDirectory.open(file) }) else { return }
            parts.append(Part(name, file, archive, remark: remark, belongs))
        }
        add(ModelDirectory.Part.audioTower.rawValue, directory.audioTower, remark: directory.audioConfiguration.map { "configured by \($0)" } ?? "the published configuration") {
            $0.contains("modality_") && $0.contains(".audio.")
        }
        add(ModelDirectory.Part.adaptor.rawValue, directory.adaptor)
        add(ModelDirectory.Part.languageModel.rawValue, directory.languageModel)
        let adapters = attempt { () throws(ModelError) in try directory.openAdapters() }
        add("LoRA adapter", directory.adapterWeights, remark: adapters?.adapter?.summary)
        add("rows of added tokens", directory.addedRows)
        add("delta", directory.delta, remark: [adapters?.delta?.summary, directory.adapterWeights == nil ? nil : "not used: the adapter goes before"].compactMap { $0 }.joined(separator: "; "))
        let tensors = directory.languageModel.flatMap { _ in attempt { () throws(ModelError) in try directory.loadLanguageModelTensors() } }
        let tokenizer = directory.tokenizer.flatMap { _ in attempt { () throws(ModelError) in try directory.loadTokenizer() } }
        let adaptor = directory.has(.adaptor) ? attempt { () throws(ModelError) in try directory.loadAdaptor() } : nil
        if let adaptor, let tensors, adaptor.outputs != tensors.configuration.hidden {
            faults.append("the adaptor gives \(adaptor.outputs) numbers, and the language model takes \(tensors.configuration.hidden): they belong to different models")
        }
        if let tokenizer, let tensors, tokenizer.vocabularySize > tensors.configuration.vocabulary {
            faults.append("the tokenizer knows \(tokenizer.vocabularySize) tokens, and the language model has rows for \(tensors.configuration.vocabulary): those of added tokens are missing (vocab_ext.safetensors, or the delta)")
        }
        path = directory.path
        self.parts = parts
        languageModel = tensors.map { LanguageModel($0, tokenizer) }
        memory = tensors.map { tensors in WeightFormat.allCases.map { Memory(tensors.configuration, $0) } } ?? []
        missing = directory.missingParts.map { Missing(part: $0.rawValue, remedy: $0.remedy) }
        self.faults = faults
        remarks = directory.remarks
        canEmbed = directory.canEmbed
        describableInputs = tensors == nil || tokenizer == nil ? nil : directory.describableInputs?.text
    }
}

extension ModelInventory.Part {
    fileprivate init(_ name: String, _ path: String, _ archive: any TensorArchive, remark: String?, _ belongs: (String) -> Bool) {
        let tensors = archive.names.filter(belongs).compactMap { try? archive.tensor($0) }
        self.init(name: name, path: path, tensors: tensors.map { .init(name: $0.name, type: $0.elementType.rawValue, shape: $0.shape) },
                  parameters: tensors.reduce(0) { $0 + $1.elementCount }, byteCount: tensors.reduce(0) { $0 + $1.byteCount }, remark: remark?.isEmpty == true ? nil : remark)
    }
}

extension ModelInventory.LanguageModel {
    fileprivate init(_ tensors: LanguageModelTensors, _ tokenizer: Tokenizer?) {
        let configuration = tensors.configuration
        self.init(hidden: configuration.hidden, intermediate: configuration.intermediate, layers: configuration.layers, heads: configuration.heads, keyValueHeads: configuration.keyValueHeads,
                  headDimension: configuration.headDimension, vocabulary: configuration.vocabulary, contextLength: configuration.contextLength, epsilon: configuration.epsilon,
                  ropeTheta: configuration.ropeTheta, ropeScaling: configuration.ropeScaling.summary, tiesEmbeddings: configuration.tiesEmbeddings, parameters: configuration.parameters,
                  embeddings: tensors.embeddingsOrigin, adapter: tensors.adapterOrigin, tokenizerVocabulary: tokenizer?.vocabularySize)
    }
}

extension ModelInventory.Memory {
    /// As `LlamaModel` keeps it: layers side by side packed as one, norms in single precision, the embeddings where they are stored.
    init(_ configuration: LlamaConfiguration, _ format: WeightFormat) {
        let hidden = configuration.hidden
        let layer = format.byteCount(outputs: configuration.queryWidth + 2 * configuration.keyValueWidth, inputs: hidden) + format.byteCount(outputs: hidden, inputs: configuration.queryWidth)
            + format.byteCount(outputs: 2 * configuration.intermediate, inputs: hidden) + format.byteCount(outputs: hidden, inputs: configuration.intermediate) + 2 * hidden * 4
        let cache = KeyValueCache.byteCount(layers: configuration.layers, heads: configuration.keyValueHeads, headDimension: configuration.headDimension, capacity: 16, isHalf: format != .float32) / 16
        self.init(format: format.rawValue, weightBytes: configuration.layers * layer + format.byteCount(outputs: configuration.vocabulary, inputs: hidden) + hidden * 4, cacheBytesPerToken: cache)
    }
}

extension LlamaConfiguration.RopeScaling {
    var summary: String {
        switch self {
        case .none: "none"
        case .linear(let factor): "linear, factor \(factor)"
        case .llama3(let factor, let low, let high, let original): "llama3, factor \(factor), frequency factors \(low) and \(high), original context \(original)"
        }
    }
}

extension AdapterTensors {
    /// What people ask of an adapter.
    var summary: String? {
        guard !matrices.isEmpty else { return nil }
        let modules = Set(matrices.map { $0.split(separator: ".").dropLast().last.map(String.init) ?? $0 }).sorted()
        return "rank \(ranks.map(String.init).joined(separator: ", ")), scale \(scales.map { "\($0)" }.joined(separator: ", ")), on \(modules.joined(separator: ", "))"
    }
}
