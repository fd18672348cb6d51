import Checkpoints
import TensorKernels

/// One of the tower's transformer blocks: `x += attention(norm(x)); x += mlp(norm(x))`.
struct TowerBlock: Sendable {
    private let attentionNorm: LayerNorm
    private let query: WeightMatrix
    private let keyValue: WeightMatrix
    private let queryBias: [Float]
    private let keyValueBias: [Float]
    private let extraKey: [Float]
    private let extraValue: [Float]
    private let attentionOutput: WeightMatrix
    private let attentionOutputBias: [Float]
    private let mlpNorm: LayerNorm
    private let widen: WeightMatrix
    private let widenBias: [Float]
    private let narrow: WeightMatrix
    private let narrowBias: [Float]

    var hiddenWidth: Int { widen.outputs }
    var byteCount: Int { [query, keyValue, attentionOutput, widen, narrow].map(\.byteCount).reduce(0, +) }

    init(_ index: Int, of tensors: TowerTensors, width: Int, epsilon: Float, format: WeightFormat) throws(ModelError) {
        let name = "modality_trunks.audio.blocks.\(index)."
        attentionNorm = try LayerNorm(name + "norm_1", of: tensors, width: width, epsilon: epsilon)
        mlpNorm = try LayerNorm(name + "norm_2", of: tensors, width: width, epsilon: epsilon)
        let projection = name + "attn.in_proj_weight"
        query = try tensors.matrix(projection, shape: [3 * width, width], outputs: 0 ..< width, format: format)
        keyValue = try tensors.matrix(projection, shape: [3 * width, width], outputs: width ..< 3 * width, format: format)
        let bias = try tensors.floats(name + "attn.in_proj_bias", shape: [3 * width])
        queryBias = Array(bias[..<width])
        keyValueBias = Array(bias[width...])
        extraKey = try tensors.floats(name + "attn.bias_k", shape: [1, 1, width])
        extraValue = try tensors.floats(name + "attn.bias_v", shape: [1, 1, width])
        attentionOutput = try tensors.matrix(name + "attn.out_proj.weight", shape: [width, width], outputs: 0 ..< width, format: format)
        attentionOutputBias = try tensors.floats(name + "attn.out_proj.bias", shape: [width])
        let hidden = try tensors.tensor(name + "mlp.fc1.weight", shape: [nil, width]).shape[0]
        widen = try tensors.matrix(name + "mlp.fc1.weight", shape: [hidden, width], outputs: 0 ..< hidden, format: format)
        widenBias = try tensors.floats(name + "mlp.fc1.bias", shape: [hidden])
        narrow = try tensors.matrix(name + "mlp.fc2.weight", shape: [width, hidden], outputs: 0 ..< width, format: format)
        narrowBias = try tensors.floats(name + "mlp.fc2.bias", shape: [width])
    }

    /// Takes the tokens in `work.tokens` one block on.
    ///
    /// - onlyFirst: leaves the other tokens out once attention has read them, so that `work.tokens` then has one row a clip: of the last block nothing else is asked.
    func apply(to work: TowerWorkspace, onlyFirst: Bool) {
        attentionNorm.apply(to: work.tokens, into: work.normed)
        if onlyFirst {
            keyValue.multiply(work.normed, into: work.keysAndValues)
            let first = stride(from: 0, to: work.tokens.rows, by: work.attention.tokens).map { $0 }
            work.mixed.gather(first, of: work.tokens)
            swap(&work.mixed, &work.tokens)
            work.mixed.gather(first, of: work.normed)
            swap(&work.mixed, &work.normed)
            query.multiply(work.normed, into: work.queries)
        } else {
            WeightMatrix.multiply(work.normed, by: [query, keyValue], into: [work.queries, work.keysAndValues])
        }
        work.attention.attend(
            queries: work.queries, bias: queryBias, keysAndValues: work.keysAndValues, bias: keyValueBias, extraKey: extraKey, extraValue: extraValue, into: work.mixed)
        attentionOutput.multiply(work.mixed, into: work.tokens, accumulate: true)
        work.tokens.add(bias: attentionOutputBias, thenNormalise: mlpNorm.weight, mlpNorm.bias, epsilon: mlpNorm.epsilon, into: work.normed)
        widen.multiply(work.normed, into: work.hidden)
        work.hidden.applyGELU(bias: widenBias)
        narrow.multiply(work.hidden, into: work.tokens, accumulate: true)
        work.tokens.add(bias: narrowBias)
    }
}
