import Foundation
import MusicLanguageModel
import NumericKernels
import SentencePiece

/// A LLaMA checkpoint as the GGUF file that llama.cpp loads: its matrices in one format, norms in single precision, its vocabulary.
///
/// Queries and keys have each head's rows in another order: llama.cpp turns neighbouring numbers by the position, Hugging Face checkpoints those half a head apart.
public struct LlamaModelFile {
    public var tensors: any LlamaTensors
    public var vocabulary: GGUFVocabulary
    public var format: GGUFTensorType
    /// Adds the checkpoint's LoRA adapters to the weights before they are rounded.
    public var mergesAdapters: Bool

    /// Of rows that are read, rounded and written together: 4 MiB in single precision.
    private static let numbersAtOnce = 1 << 20

    public init(tensors: any LlamaTensors, vocabulary: GGUFVocabulary, format: GGUFTensorType, mergesAdapters: Bool) {
        self.tensors = tensors
        self.vocabulary = vocabulary
        self.format = format
        self.mergesAdapters = mergesAdapters
    }

    /// Writes the whole file or none.
    ///
    /// - Throws: `ModelError` that names the tensor, or says why the file cannot be written; `CheckpointError`.
    public func write(to path: String) throws {
        let configuration = tensors.configuration
        try configuration.validate()
        guard vocabulary.tokens.count == configuration.vocabulary else {
            throw ModelError(code: .checkpoint, message: "a vocabulary of \(vocabulary.tokens.count) tokens for embeddings of \(configuration.vocabulary) rows")
        }
        guard try tensors.adapter(of: "model.embed_tokens.weight") == nil else {
            throw ModelError(code: .checkpoint, message: "the checkpoint has a LoRA adapter of the token embeddings, which cannot be given to llama.cpp: merge it into the checkpoint")
        }
        var file = GGUFFileWriter()
        describe(configuration, in: &file)
        // What goes in and out as tokens is kept at eight bits or more: it costs little, and the answer's choice of words hangs on it.
        let ends = format == .q4_0 ? GGUFTensorType.q8_0 : format
        file.add(matrix("token_embd.weight", "model.embed_tokens.weight", rows: configuration.vocabulary, columns: configuration.hidden, type: ends))
        for layer in 0 ..< configuration.layers { add(layer, of: configuration, to: &file) }
        if case .llama3 = configuration.ropeScaling { file.add(rotaryFactors(configuration)) }
        file.add(vector("output_norm.weight", "model.norm.weight", count: configuration.hidden))
        if !configuration.tiesEmbeddings {
            file.add(matrix("output.weight", "lm_head.weight", rows: configuration.vocabulary, columns: configuration.hidden, type: ends))
        }
        try file.write(to: path)
    }

    private func describe(_ configuration: LlamaConfiguration, in file: inout GGUFFileWriter) {
        func number(_ value: Int) -> GGUFValue { .unsigned(UInt32(value)) }
        file.set("general.architecture", .text("llama"))
        file.set("general.type", .text("model"))
        file.set("general.file_type", .unsigned(format.fileType))
        file.set("general.quantization_version", .unsigned(2))
        file.set("llama.vocab_size", number(configuration.vocabulary))
        file.set("llama.context_length", number(configuration.contextLength))
        file.set("llama.embedding_length", number(configuration.hidden))
        file.set("llama.block_count", number(configuration.layers))
        file.set("llama.feed_forward_length", number(configuration.intermediate))
        file.set("llama.attention.head_count", number(configuration.heads))
        file.set("llama.attention.head_count_kv", number(configuration.keyValueHeads))
        file.set("llama.attention.key_length", number(configuration.headDimension))
        file.set("llama.attention.value_length", number(configuration.headDimension))
        file.set("llama.attention.layer_norm_rms_epsilon", .float(Float(configuration.epsilon)))
        file.set("llama.rope.dimension_count", number(configuration.headDimension))
        file.set("llama.rope.freq_base", .float(Float(configuration.ropeTheta)))
        if case .linear(let factor) = configuration.ropeScaling {
            file.set("llama.rope.scaling.type", .text("linear"))
            file.set("llama.rope.scaling.factor", .float(Float(factor)))
        }
        file.set("tokenizer.ggml.model", .text("llama"))
        file.set("tokenizer.ggml.pre", .text("default"))
        file.set("tokenizer.ggml.tokens", .texts(vocabulary.tokens.map(\.text)))
        file.set("tokenizer.ggml.scores", .floats(vocabulary.tokens.map(\.score)))
        file.set("tokenizer.ggml.token_type", .integers(vocabulary.tokens.map(\.kind.rawValue)))
        for (key, token) in [("bos", vocabulary.beginning), ("eos", vocabulary.end), ("unknown", vocabulary.unknown)] {
            if let token { file.set("tokenizer.ggml.\(key)_token_id", .unsigned(UInt32(token))) }
        }
        file.set("tokenizer.ggml.add_bos_token", .flag(vocabulary.beginning != nil))
        file.set("tokenizer.ggml.add_eos_token", .flag(false))
    }

    private func add(_ layer: Int, of configuration: LlamaConfiguration, to file: inout GGUFFileWriter) {
        let source = "model.layers.\(layer).", target = "blk.\(layer)."
        file.add(vector(target + "attn_norm.weight", source + "input_layernorm.weight", count: configuration.hidden))
        for part in LlamaPart.allCases {
            file.add(matrix(target + part.fileName, source + part.checkpointName, rows: part.outputs(configuration), columns: part.inputs(configuration), type: format,
                            headDimension: part.isTurned ? configuration.headDimension : nil))
        }
        file.add(vector(target + "ffn_norm.weight", source + "post_attention_layernorm.weight", count: configuration.hidden))
    }

    private func vector(_ name: String, _ source: String, count: Int) -> GGUFFileWriter.Tensor {
        GGUFFileWriter.Tensor(name: name, columns: 1, rows: count, isVector: true, type: .f32, rowsAtOnce: count) { try tensors.rows($0, of: source) }
    }

    /// What Llama 3.1's scaling divides each pair's frequency by.
    private func rotaryFactors(_ configuration: LlamaConfiguration) -> GGUFFileWriter.Tensor {
        var plain = configuration
        plain.ropeScaling = .none
        let factors = zip(plain.rotaryFrequencies, configuration.rotaryFrequencies).map { $0 / $1 }
        return GGUFFileWriter.Tensor(name: "rope_freqs.weight", columns: 1, rows: factors.count, isVector: true, type: .f32, rowsAtOnce: factors.count) { Array(factors[$0]) }
    }

    /// - headDimension: of queries and keys, whose rows change places within each head.
    private func matrix(_ name: String, _ source: String, rows: Int, columns: Int, type: GGUFTensorType, headDimension: Int? = nil) -> GGUFFileWriter.Tensor {
        let unit = headDimension ?? 1
        let atOnce = max(1, Self.numbersAtOnce / columns / unit) * unit
        return GGUFFileWriter.Tensor(name: name, columns: columns, rows: rows, type: type.fitting(columns: columns), rowsAtOnce: atOnce) { range in
            let values = try merged(source, range, columns: columns)
            return headDimension.map { LlamaPart.turned(values, columns: columns, headDimension: $0) } ?? values
        }
    }

    private func merged(_ name: String, _ rows: Range<Int>, columns: Int) throws -> [Float] {
        var values = try tensors.rows(rows, of: name)
        guard mergesAdapters, values.count == rows.count * columns, let adapter = try tensors.adapter(of: name) else { return values }
        guard adapter.a.count == adapter.rank * columns, adapter.b.count >= rows.upperBound * adapter.rank else {
            throw ModelError(code: .checkpoint, message: "the adapter of \(name) has \(adapter.a.count) and \(adapter.b.count) numbers, which do not fit its matrix: it belongs to another model")
        }
        let up = Matrix(rows: rows.count, columns: adapter.rank, elements: Array(adapter.b[rows.lowerBound * adapter.rank ..< rows.upperBound * adapter.rank]))
        let added = up.multiplied(by: Matrix(rows: adapter.rank, columns: columns, elements: adapter.a)).elements
        for index in values.indices { values[index] += adapter.scale * added[index] }
        return values
    }
}
