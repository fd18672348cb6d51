import TensorKernels

/// A layer norm's parameters.
struct LayerNorm: Sendable {
    let weight: [Float]
    let bias: [Float]
    let epsilon: Float

    init(_ name: String, of tensors: TowerTensors, width: Int, epsilon: Float) throws(ModelError) {
        weight = try tensors.floats(name + ".weight", shape: [width])
        bias = try tensors.floats(name + ".bias", shape: [width])
        self.epsilon = epsilon
    }

    func apply(to input: Activations, into output: Activations) { input.normalise(weight: weight, bias: bias, epsilon: epsilon, into: output) }
}
