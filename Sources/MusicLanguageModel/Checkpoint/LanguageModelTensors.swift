import Checkpoints

/// The language model's weights, put together from the files that a checkpoint has: the base model, rows of added tokens, LoRA.
///
/// Matrices are read some rows at a time; nothing is kept. Every tensor has been checked to be there and to have the configuration's shape.
public struct LanguageModelTensors: LlamaTensors {
    /// With the vocabulary as it is with the added rows.
    public let configuration: LlamaConfiguration
    /// Where the rows of the embeddings come from, in words.
    public let embeddingsOrigin: String
    /// Where LoRA comes from, in words; nil without.
    public let adapterOrigin: String?
    private let archive: any TensorArchive
    private let embeddings: VocabularyRows
    private let head: VocabularyRows
    private let adapters: AdapterTensors?

    static let embeddingsName = "model.embed_tokens.weight"
    static let headName = "lm_head.weight"

    /// - Parameters:
    ///   - base: the model's own weights, named as Hugging Face does.
    ///   - addedRows: `embed_tokens.new_rows` and `lm_head.new_rows`; they go before the whole matrices of an adapter or a delta.
    ///   - adapters: LoRA, and perhaps whole embeddings.
    ///   - delta: where whole embeddings are taken from that neither of the others has.
    /// - Throws: `ModelError.checkpoint` that names what is missing or does not fit.
    init(_ configuration: LlamaConfiguration, base: any TensorArchive, addedRows: (any TensorArchive)?, adapters: AdapterTensors?, delta: AdapterTensors?) throws(ModelError) {
        archive = base
        self.adapters = adapters
        var configuration = configuration
        let names = Set(base.names)
        var wanted = Self.shapes(configuration)
        if configuration.tiesEmbeddings { wanted[Self.headName] = nil }
        let missing = wanted.keys.filter { !names.contains($0) }.sorted()
        guard missing.isEmpty else {
            throw ModelError(code: .checkpoint, message: "the language model lacks \(missing.count) of its \(wanted.count) tensors: \(missing.prefix(4).joined(separator: ", "))\(missing.count > 4 ? ", …" : "")"
                + "; the checkpoint is incomplete, or config.json belongs to another one")
        }
        for (name, shape) in wanted.sorted(by: { $0.key < $1.key }) {
            let tensor = try Self.tensor(base, name)
            let fits = name == Self.embeddingsName || name == Self.headName ? tensor.shape.count == 2 && tensor.shape[1] == shape[1] && tensor.shape[0] > 0 && tensor.shape[0] <= 1 << 22 : tensor.shape == shape
            guard fits else { throw ModelError(code: .checkpoint, message: "tensor \(name) has the shape \(tensor.shape), and config.json asks for \(shape)") }
        }
        (embeddings, embeddingsOrigin) = try Self.rows(Self.embeddingsName, "embed_tokens.new_rows", base, addedRows, adapters, delta)
        head = configuration.tiesEmbeddings ? embeddings : try Self.rows(Self.headName, "lm_head.new_rows", base, addedRows, adapters, delta).rows
        guard embeddings.count == head.count, embeddings.width == configuration.hidden, head.width == configuration.hidden else {
            throw ModelError(code: .checkpoint, message: "embed_tokens has \(embeddings.count) × \(embeddings.width) numbers, and lm_head \(head.count) × \(head.width): rows of added tokens are there for one of them alone, or belong to another model")
        }
        configuration.vocabulary = embeddings.count
        self.configuration = configuration
        adapterOrigin = adapters.flatMap { $0.matrices.isEmpty ? nil : $0.origin }
        let shapes = Self.shapes(configuration)
        for matrix in adapters?.matrices ?? [] where adapters?.shape(matrix) != shapes[matrix] || shapes[matrix]?.count != 2 {
            throw ModelError(code: .checkpoint, message: "\(adapters?.origin ?? "the adapter") is for \(matrix) of \(adapters?.shape(matrix) ?? []), and the model has \(shapes[matrix].map { "\($0)" } ?? "no such matrix"): it belongs to another model")
        }
    }

    public func rows(_ rows: Range<Int>, of name: String) throws -> [Float] {
        switch name {
        case Self.embeddingsName: try embeddings.rows(rows)
        case Self.headName: try head.rows(rows)
        default: try archive.tensor(name).rows(rows)
        }
    }

    public func adapter(of name: String) throws -> LowRankAdapter? { try adapters?.adapter(name) }

    /// Of every tensor that the model has, `outputs × inputs`.
    static func shapes(_ configuration: LlamaConfiguration) -> [String: [Int]] {
        let hidden = configuration.hidden
        var result = [embeddingsName: [configuration.vocabulary, hidden], headName: [configuration.vocabulary, hidden], "model.norm.weight": [hidden]]
        for layer in 0 ..< configuration.layers {
            let prefix = "model.layers.\(layer)."
            result[prefix + "input_layernorm.weight"] = [hidden]
            result[prefix + "post_attention_layernorm.weight"] = [hidden]
            result[prefix + "self_attn.q_proj.weight"] = [configuration.queryWidth, hidden]
            result[prefix + "self_attn.k_proj.weight"] = [configuration.keyValueWidth, hidden]
            result[prefix + "self_attn.v_proj.weight"] = [configuration.keyValueWidth, hidden]
            result[prefix + "self_attn.o_proj.weight"] = [hidden, configuration.queryWidth]
            result[prefix + "mlp.gate_proj.weight"] = [configuration.intermediate, hidden]
            result[prefix + "mlp.up_proj.weight"] = [configuration.intermediate, hidden]
            result[prefix + "mlp.down_proj.weight"] = [hidden, configuration.intermediate]
        }
        return result
    }

    private static func rows(_ name: String, _ addedName: String, _ base: any TensorArchive, _ addedRows: (any TensorArchive)?, _ adapters: AdapterTensors?,
                             _ delta: AdapterTensors?) throws(ModelError) -> (rows: VocabularyRows, origin: String) {
        let own = try tensor(base, name)
        if let addedRows, addedRows.names.contains(addedName) { return (try VocabularyRows(base: own, added: tensor(addedRows, addedName)), "the base model, with rows of added tokens behind") }
        for source in [adapters, delta] {
            if let source, let whole = source.whole[name] { return (try VocabularyRows(base: whole), source.origin) }
        }
        return (try VocabularyRows(base: own), "the base model")
    }

    private static func tensor(_ archive: any TensorArchive, _ name: String) throws(ModelError) -> StoredTensor {
        do throws(CheckpointError) { return try archive.tensor(name) } catch { throw ModelError(code: .checkpoint, message: error.message, cause: error) }
    }
}
