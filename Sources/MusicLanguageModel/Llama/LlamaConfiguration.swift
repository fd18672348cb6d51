/// The sizes and constants of a LLaMA, as `config.json` of a Hugging Face checkpoint has them.
public struct LlamaConfiguration: Hashable, Sendable {
    /// Numbers a token (`hidden_size`).
    public var hidden: Int
    /// Width of the gated layer (`intermediate_size`).
    public var intermediate: Int
    /// `num_hidden_layers`.
    public var layers: Int
    /// `num_attention_heads`.
    public var heads: Int
    /// `num_key_value_heads`; divides `heads`.
    public var keyValueHeads: Int
    /// `head_dim`, even.
    public var headDimension: Int
    /// `rms_norm_eps`.
    public var epsilon: Double
    /// `rope_theta`.
    public var ropeTheta: Double
    /// `rope_scaling`.
    public var ropeScaling: RopeScaling
    /// Rows of the token embeddings, added ones included.
    public var vocabulary: Int
    /// `max_position_embeddings`: a prompt and its answer together, in tokens.
    public var contextLength: Int
    /// `tie_word_embeddings`: the last layer's weights are the token embeddings.
    public var tiesEmbeddings: Bool

    public init(hidden: Int, intermediate: Int, layers: Int, heads: Int, keyValueHeads: Int? = nil, headDimension: Int? = nil, epsilon: Double = 1e-6,
                ropeTheta: Double = 10_000, ropeScaling: RopeScaling = .none, vocabulary: Int, contextLength: Int = 2048, tiesEmbeddings: Bool = false) {
        self.hidden = hidden
        self.intermediate = intermediate
        self.layers = layers
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.headDimension = headDimension ?? hidden / max(heads, 1)
        self.epsilon = epsilon
        self.ropeTheta = ropeTheta
        self.ropeScaling = ropeScaling
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.tiesEmbeddings = tiesEmbeddings
    }

    /// How positions past those of the original training are rotated.
    public enum RopeScaling: Hashable, Sendable {
        case none
        /// Positions divided by a factor.
        case linear(factor: Double)
        /// Llama 3.1: low frequencies divided by `factor`, high ones kept, those between blended.
        case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int)
    }

    /// Numbers of all heads' queries of a token.
    public var queryWidth: Int { heads * headDimension }
    /// Numbers of all heads' keys (or values) of a token.
    public var keyValueWidth: Int { keyValueHeads * headDimension }

    /// Weights, the norms' included.
    public var parameters: Int {
        let attention = hidden * (2 * queryWidth + 2 * keyValueWidth)
        let layer = attention + 3 * hidden * intermediate + 2 * hidden
        return layers * layer + vocabulary * hidden * (tiesEmbeddings ? 1 : 2) + hidden
    }

    /// The bounds are generous, but keep every product of sizes far from overflow: a configuration comes from outside.
    ///
    /// - Throws: `ModelError.checkpoint` that names the field.
    public func validate() throws(ModelError) {
        func check(_ holds: Bool, _ what: String) throws(ModelError) {
            guard holds else { throw ModelError(code: .checkpoint, message: "the language model's configuration cannot be used: \(what)") }
        }
        for (name, value, bound) in [("hidden_size", hidden, 1 << 16), ("intermediate_size", intermediate, 1 << 18), ("num_hidden_layers", layers, 1 << 10),
                                     ("num_attention_heads", heads, 1 << 10), ("num_key_value_heads", keyValueHeads, 1 << 10), ("head_dim", headDimension, 1 << 10),
                                     ("vocab_size", vocabulary, 1 << 22), ("max_position_embeddings", contextLength, 1 << 24)] {
            try check(value >= 1 && value <= bound, "\(name) is \(value), not 1 to \(bound)")
        }
        try check(heads % keyValueHeads == 0, "num_key_value_heads \(keyValueHeads) does not divide num_attention_heads \(heads)")
        try check(headDimension % 2 == 0, "head_dim \(headDimension) is odd, and rotary positions turn pairs")
        try check(epsilon.isFinite && epsilon >= 0 && epsilon < 1, "rms_norm_eps is \(epsilon)")
        try check(ropeTheta.isFinite && ropeTheta > 0, "rope_theta is \(ropeTheta)")
        switch ropeScaling {
        case .none: break
        case .linear(let factor): try check(factor.isFinite && factor >= 1, "rope_scaling's factor is \(factor)")
        case .llama3(let factor, let low, let high, let original):
            try check(factor.isFinite && factor >= 1 && low.isFinite && high.isFinite && low > 0 && high > low && original > 0, "rope_scaling of llama3 has factors \(factor), \(low), \(high) and original context \(original)")
        }
    }
}
