import Glibc
import NumericKernels

/// Decides between metrical levels: how credible each is, as a log-odds. A small network over the evidence, trained on songs
/// whose beats are known (scripts/train-audio): getting half or double the tempo is what beat trackers do wrong most.
struct LevelClassifier: Sendable {
    private let mean: [Float]
    private let scale: [Float]
    private let hidden: Matrix
    private let hiddenBias: [Float]
    private let output: [Float]

    /// - Throws: when a tensor is missing or has another shape.
    init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        let count = MetricalLevel.Evidence.allCases.count
        mean = try file.tensor("level.mean", shape: [count]).values
        scale = try file.tensor("level.scale", shape: [count]).values
        hiddenBias = try file.tensor("level.hidden.bias").values
        hidden = try file.tensor("level.hidden.weight", shape: [count, hiddenBias.count]).matrix
        output = try file.tensor("level.output.weight", shape: [hiddenBias.count + count]).values
    }

    func score(_ evidence: [Float]) -> Float {
        let inputs = evidence.indices.map { (evidence[$0] - mean[$0]) * scale[$0] }
        let activations = Matrix(rows: 1, columns: inputs.count, elements: inputs).multiplied(by: hidden).elements
        var sum: Float = 0
        for unit in activations.indices { sum += output[unit] * tanh(activations[unit] + hiddenBias[unit]) }
        for index in inputs.indices { sum += output[activations.count + index] * inputs[index] }
        return sum
    }
}
