import Checkpoints

/// The LoRA pairs of an adapter, or of a NExT-GPT delta, by the matrix that each is added to; and whole matrices that are stored in place of the model's.
struct AdapterTensors: Sendable {
    private struct Pair: Sendable {
        var a: StoredTensor
        var b: StoredTensor
        var scale: Float
    }

    /// `model.embed_tokens.weight` and `lm_head.weight`, where the adapter has them whole.
    let whole: [String: StoredTensor]
    /// What an error calls it.
    let origin: String
    private let pairs: [String: Pair]

    /// - Parameters:
    ///   - configuration: nil: scaled by `alpha / rank` = 1, as NExT-GPT and DeepResonance train (rank 32, alpha 32); their deltas do not say.
    ///   - isDelta: whether tensors of other parts (adaptor, decoders) are among them and passed over.
    /// - Throws: `ModelError.checkpoint` for a half of a pair, and for tensors that are no LoRA of a linear layer.
    init(_ archive: any TensorArchive, _ configuration: PEFTConfiguration?, origin: String, isDelta: Bool) throws(ModelError) {
        self.origin = origin
        var halves: [String: (a: StoredTensor?, b: StoredTensor?)] = [:], whole: [String: StoredTensor] = [:]
        for name in archive.names {
            switch Self.role(name) {
            case .a(let module): halves[module, default: (nil, nil)].a = try Self.tensor(archive, name)
            case .b(let module): halves[module, default: (nil, nil)].b = try Self.tensor(archive, name)
            case .whole(let module): whole[module] = try Self.tensor(archive, name)
            case .other where isDelta && !Self.isOfLanguageModel(name): break
            case .other:
                throw ModelError(code: .checkpoint, message: "\(origin) has the tensor \(name), which is no LoRA of a linear layer: merge the adapter into the model with PEFT (merge_and_unload), and load the merged model")
            }
        }
        var pairs: [String: Pair] = [:]
        for (module, half) in halves {
            guard let a = half.a, let b = half.b else { throw ModelError(code: .checkpoint, message: "\(origin) has only one of lora_A and lora_B of \(module): it is incomplete") }
            guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.shape[0] > 0, a.shape[0] <= 1 << 14 else {
                throw ModelError(code: .checkpoint, message: "\(origin): lora_A \(a.shape) and lora_B \(b.shape) of \(module) are no pair")
            }
            pairs[module + ".weight"] = Pair(a: a, b: b, scale: try configuration?.scale(module, rank: a.shape[0]) ?? 1)
        }
        self.pairs = pairs
        self.whole = whole
    }

    /// Matrices that something is added to, sorted.
    var matrices: [String] { pairs.keys.sorted() }
    /// Of the pairs, sorted; more than one where a pattern says so.
    var ranks: [Int] { Set(pairs.values.map { $0.a.shape[0] }).sorted() }
    var scales: [Float] { Set(pairs.values.map(\.scale)).sorted() }
    var parameters: Int { pairs.values.reduce(0) { $0 + $1.a.elementCount + $1.b.elementCount } }

    /// Sizes of the matrix that a pair is added to: outputs, inputs.
    func shape(_ matrix: String) -> [Int]? { pairs[matrix].map { [$0.b.shape[0], $0.a.shape[1]] } }

    func adapter(_ matrix: String) throws(CheckpointError) -> LowRankAdapter? {
        guard let pair = pairs[matrix] else { return nil }
        return LowRankAdapter(rank: pair.a.shape[0], scale: pair.scale, a: try pair.a.floats(), b: try pair.b.floats())
    }

    private enum Role {
        /// With the module's name, as Hugging Face's model calls it.
        case a(String), b(String), whole(String), other
    }

    /// `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`, with or without the adapter's name `default` behind `lora_A`, and in a delta behind `llama_model.`.
    private static func role(_ name: String) -> Role {
        var module = name
        for prefix in ["module.", "llama_model.", "base_model.model."] where module.hasPrefix(prefix) { module.removeFirst(prefix.count) }
        for (ending, isA) in [(".lora_A.weight", true), (".lora_B.weight", false), (".lora_A.default.weight", true), (".lora_B.default.weight", false)] where module.hasSuffix(ending) {
            module.removeLast(ending.count)
            return module.hasPrefix("model.layers.") || module == "lm_head" ? (isA ? .a(module) : .b(module)) : .other
        }
        for part in ["embed_tokens", "lm_head"] {
            let matrix = part == "lm_head" ? "lm_head.weight" : "model.embed_tokens.weight"
            for form in ["\(part).weight", "\(part).modules_to_save.weight", "\(part).modules_to_save.default.weight", "\(part).base_layer.weight"]
                where module == form || module == "model." + form { return .whole(matrix) }
        }
        return .other
    }

    /// In a delta, what else is there belongs to NExT-GPT's other parts.
    private static func isOfLanguageModel(_ name: String) -> Bool { name.contains("lora_") && name.contains("llama_model.") }

    private static func tensor(_ archive: any TensorArchive, _ name: String) throws(ModelError) -> StoredTensor {
        do throws(CheckpointError) { return try archive.tensor(name) } catch { throw ModelError(code: .checkpoint, message: error.message, cause: error) }
    }
}
