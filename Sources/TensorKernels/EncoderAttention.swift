import CTensorKernels

/// Multi-head attention of whole sequences, every query to every key, with one learnt key and value more than there are tokens (`torch.nn.MultiheadAttention` with `add_bias_kv`).
///
/// Keeps what it works in between calls. Not for use by two threads at a time.
public final class EncoderAttention {
    public let tokens: Int
    public let heads: Int
    public let headWidth: Int
    private let instructions: InstructionSet
    private let scratch: Activations

    /// - tokens: of a sequence. The width of a token is `heads × headWidth`.
    public convenience init(tokens: Int, heads: Int, headWidth: Int) { self.init(tokens: tokens, heads: heads, headWidth: headWidth, instructions: .best) }

    /// With given instructions, which the processor must have.
    package init(tokens: Int, heads: Int, headWidth: Int, instructions: InstructionSet) {
        precondition(instructions.isAvailable, "this processor does not have \(instructions.rawValue)")
        precondition(tokens > 0 && heads > 0 && headWidth > 0, "attention is of tokens, heads and their widths")
        self.tokens = tokens
        self.heads = heads
        self.headWidth = headWidth
        self.instructions = instructions
        scratch = Activations(rows: 1, columns: tensor_encoder_attention_scratch(instructions.level, tokens, headWidth))
    }

    /// softmax(q kᵀ / √headWidth) v of each sequence and head, into `output` (as `queries`).
    ///
    /// - Parameters:
    ///   - queries: sequences × (queries of a sequence) rows, `heads × headWidth` wide, without their bias; as many of each sequence, which need not be all tokens.
    ///   - keysAndValues: sequences × tokens rows, each with all heads' keys and then all heads' values, without their bias.
    ///   - queryBias, keyValueBias: of one row of each.
    ///   - extraKey, extraValue: what stands behind the tokens, `heads × headWidth` each, bias included.
    public func attend(
        queries: Activations, bias queryBias: [Float], keysAndValues: Activations, bias keyValueBias: [Float], extraKey: [Float], extraValue: [Float], into output: Activations
    ) {
        let width = heads * headWidth
        precondition(queries.columns == width && keysAndValues.columns == 2 * width && output.columns == width, "queries are \(width) wide, keys with values twice that")
        precondition(queryBias.count == width && keyValueBias.count == 2 * width && extraKey.count == width && extraValue.count == width, "a bias is as long as a row")
        let sequences = keysAndValues.rows / tokens
        precondition(sequences * tokens == keysAndValues.rows && (sequences == 0 ? queries.rows == 0 : queries.rows % sequences == 0), "whole sequences of \(tokens) tokens")
        output.resize(rows: queries.rows)
        guard sequences > 0 else { return }
        let count = queries.rows / sequences
        let level = instructions.level
        for sequence in 0 ..< sequences {
            // Invariant: the rows of this sequence lie inside the three matrices (checked above), the vectors have the lengths that C reads, the scratch the length it asked for.
            let query = queries.pointer + sequence * count * width
            let keyValue = keysAndValues.pointer + sequence * tokens * 2 * width
            let result = output.pointer + sequence * count * width
            tensor_encoder_attention(level, query, queryBias, count, keyValue, keyValueBias, extraKey, extraValue, tokens, heads, headWidth, scratch.pointer, result)
        }
    }
}
