import Checkpoints

extension LlamaConfiguration {
    /// From `config.json` of a Hugging Face checkpoint.
    ///
    /// - Throws: `ModelError.checkpoint` for another architecture, for what changes the arithmetic and is not known, and for values out of range.
    public init(path: String) throws(ModelError) {
        guard let stored = try JSONFile.read(Stored.self, path, isOptional: false) else { throw ModelError(code: .checkpoint, message: "\(path) is missing") }
        func refused(_ what: String) -> ModelError { ModelError(code: .checkpoint, message: "\(path): \(what)") }
        guard stored.model_type == "llama" || (stored.model_type == nil && stored.architectures?.contains("LlamaForCausalLM") == true) else {
            throw refused("the model is of the type '\(stored.model_type ?? stored.architectures?.first ?? "unknown")'; LLaMA and Vicuna ('llama') are known")
        }
        guard stored.quantization_config == nil else { throw refused("the weights are quantised (quantization_config): take the checkpoint in f32, f16 or bf16; it is quantised here when it is loaded") }
        guard ["silu", "swish"].contains(stored.hidden_act ?? "silu") else { throw refused("hidden_act '\(stored.hidden_act ?? "")' is not known; LLaMA has 'silu'") }
        for (name, value) in [("attention_bias", stored.attention_bias), ("mlp_bias", stored.mlp_bias)] where value == true {
            throw refused("\(name) is true, and layers with biases are not known; LLaMA and Vicuna have none")
        }
        let rope = try Self.ropeScaling(stored, refused)
        self.init(hidden: stored.hidden_size, intermediate: stored.intermediate_size, layers: stored.num_hidden_layers, heads: stored.num_attention_heads,
                  keyValueHeads: stored.num_key_value_heads, headDimension: stored.head_dim, epsilon: stored.rms_norm_eps ?? 1e-6,
                  ropeTheta: stored.rope_theta ?? stored.rope_parameters?.rope_theta ?? 10_000, ropeScaling: rope, vocabulary: stored.vocab_size,
                  contextLength: max(stored.max_position_embeddings ?? 2_048, rope == .none ? 0 : stored.max_sequence_length ?? 0), tiesEmbeddings: stored.tie_word_embeddings ?? false)
        do { try validate() } catch { throw refused(error.message) }
    }

    private struct Stored: Decodable {
        struct Rope: Decodable {
            var type, rope_type: String?
            var factor, low_freq_factor, high_freq_factor, rope_theta: Double?
            var original_max_position_embeddings: Int?
        }

        /// Whatever is in it.
        struct Anything: Decodable {
            init(from decoder: any Decoder) {}
        }

        var model_type, hidden_act: String?
        var architectures: [String]?
        var hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, vocab_size: Int
        var num_key_value_heads, head_dim, max_position_embeddings, max_sequence_length: Int?
        var rms_norm_eps, rope_theta: Double?
        /// The second one since transformers 5.
        var rope_scaling, rope_parameters: Rope?
        var tie_word_embeddings, attention_bias, mlp_bias: Bool?
        var quantization_config: Anything?
    }

    private static func ropeScaling(_ stored: Stored, _ refused: (String) -> ModelError) throws(ModelError) -> RopeScaling {
        guard let rope = stored.rope_scaling ?? stored.rope_parameters else { return .none }
        switch rope.rope_type ?? rope.type ?? "default" {
        case "default": return .none
        // Up to max_position_embeddings, which a prompt and its answer stay within, it changes nothing.
        case "dynamic": return .none
        case "linear":
            guard let factor = rope.factor else { throw refused("rope_scaling 'linear' has no factor") }
            return .linear(factor: factor)
        case "llama3":
            guard let factor = rope.factor, let low = rope.low_freq_factor, let high = rope.high_freq_factor, let original = rope.original_max_position_embeddings else {
                throw refused("rope_scaling 'llama3' lacks a factor or the original context")
            }
            return .llama3(factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext: original)
        case let other: throw refused("rope_scaling '\(other)' is not known: default, linear, dynamic and llama3 are")
        }
    }
}
