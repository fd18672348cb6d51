/// Where a LLaMA's weights come from: a checkpoint's files, or numbers made on the fly.
///
/// Names are those of Hugging Face checkpoints: `model.embed_tokens.weight`, `model.layers.0.self_attn.q_proj.weight`, …, `model.norm.weight`, `lm_head.weight`.
public protocol LlamaTensors: Sendable {
    var configuration: LlamaConfiguration { get }

    /// Some rows of a matrix as stored, without its adapter, row-major; embeddings with their added rows. A vector has one number a row.
    ///
    /// - Throws: `CheckpointError` or `ModelError` that names the tensor.
    func rows(_ rows: Range<Int>, of name: String) throws -> [Float]

    /// What a LoRA adapter adds to a matrix; nil where none does.
    func adapter(of name: String) throws -> LowRankAdapter?
}

/// A LoRA adapter of one matrix: `scale · b · a` is added to it.
public struct LowRankAdapter: Sendable {
    public let rank: Int
    /// `alpha / rank`, or `alpha / √rank` for rank-stabilised ones.
    public let scale: Float
    /// `rank × inputs`, row-major.
    public let a: [Float]
    /// `outputs × rank`, row-major.
    public let b: [Float]

    public init(rank: Int, scale: Float, a: [Float], b: [Float]) {
        precondition(rank > 0 && a.count % rank == 0 && b.count % rank == 0, "an adapter of rank \(rank) has whole rows")
        self.rank = rank
        self.scale = scale
        self.a = a
        self.b = b
    }
}

/// The rows that tokens go into a language model as, looked up where they are stored: exact, and without a copy in memory.
public struct TokenEmbeddings: Sendable {
    public let hidden: Int
    public let vocabulary: Int
    private let tensors: any LlamaTensors

    public init(_ tensors: any LlamaTensors) {
        self.tensors = tensors
        hidden = tensors.configuration.hidden
        vocabulary = tensors.configuration.vocabulary
    }

    /// - Throws: `ModelError.checkpoint` for a token outside of the vocabulary.
    public func row(_ token: Int32) throws -> [Float] {
        guard token >= 0, token < vocabulary else {
            throw ModelError(code: .checkpoint, message: "the tokenizer gives token \(token), and the model has \(vocabulary): the tokenizer belongs to another model, or the rows of added tokens are missing")
        }
        return try tensors.rows(Int(token) ..< Int(token) + 1, of: "model.embed_tokens.weight")
    }
}
