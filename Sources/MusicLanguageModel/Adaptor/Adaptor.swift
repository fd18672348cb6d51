import Checkpoints
import TensorKernels

/// The linear layer between the audio tower and the language model (`llama_proj`): each audio vector becomes a token's embedding.
public struct Adaptor: Sendable {
    /// Numbers of an audio vector.
    public var inputs: Int { weights.inputs }
    /// Numbers of a token's embedding.
    public var outputs: Int { weights.outputs }
    public var byteCount: Int { weights.byteCount + 4 * bias.count }
    private let weights: WeightMatrix
    private let bias: [Float]

    private static let weightName = "llama_proj.weight"

    /// - tensors: with `llama_proj.weight` and `llama_proj.bias`, possibly behind a prefix, among any others: an adaptor's own file or a NExT-GPT delta.
    /// - Throws: `ModelError.checkpoint` when one is missing or does not fit the other.
    public init(tensors: any TensorArchive) throws(ModelError) {
        let names = tensors.names.filter { $0 == Self.weightName || $0.hasSuffix("." + Self.weightName) }
        guard let name = names.min(by: { ($0.count, $0) < ($1.count, $1) }) else {
            throw ModelError(code: .checkpoint, message: "there is no tensor \(Self.weightName): the file holds no adaptor between audio tower and language model")
        }
        do {
            let weight = try tensors.tensor(name), bias = try tensors.tensor(name.dropLast("weight".count) + "bias")
            guard weight.shape.count == 2, weight.shape.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }), bias.shape == [weight.shape[0]] else {
                throw CheckpointError(code: .tensorShape, message: "tensors \(weight.name) of shape \(weight.shape) and \(bias.name) of shape \(bias.shape) are no linear layer")
            }
            weights = try WeightMatrix(outputs: weight.shape[0], inputs: weight.shape[1], format: .float32) { (rows: Range<Int>) throws(CheckpointError) -> [Float] in
                try weight.rows(rows)
            }
            self.bias = try bias.floats()
        } catch {
            throw ModelError(code: .checkpoint, message: "the adaptor cannot be read: \(error)", cause: error)
        }
    }

    /// Some audio vectors of `inputs` numbers as token embeddings of `outputs` numbers.
    public func project(_ vectors: [[Float]]) -> [[Float]] {
        precondition(vectors.allSatisfy { $0.count == inputs }, "the adaptor reads vectors of \(inputs) numbers")
        guard !vectors.isEmpty else { return [] }
        let products = Activations(rows: 0, columns: outputs)
        weights.multiply(Activations(rows: vectors.count, columns: inputs, values: vectors.flatMap { $0 }), into: products)
        for row in vectors.indices { products.add(bias, toRowsFrom: row) }
        return vectors.indices.map { products[row: $0] }
    }

    /// A recording as one token, of its clips' mean (NExT-GPT), or as one a clip (DeepResonance).
    public func project(_ embedding: AudioEmbedding, pooled: Bool) -> [[Float]] { project(pooled ? [embedding.pooled] : embedding.clips) }
}
