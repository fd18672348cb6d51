import Glibc
import NumericKernels

/// Hears beats and bar starts: a temporal convolutional network (Davies & Böck, EUSIPCO 2019) of eight dilated layers, which
/// reach ten seconds to both sides; a head over the whole clip reads its tempo.
///
/// Trained by scripts/train-audio; computed as matrix products, the frames of a kernel laid side by side.
package struct BeatNetwork: Sendable {
    package struct Output: Sendable {
        /// Probabilities a frame, 50 frames a second.
        package var beat: [Float]
        package var downbeat: [Float]
        /// Log-probabilities over tempi from `slowest` to `fastest`, evenly spaced in the logarithm.
        package var tempo: [Float]
    }

    package static let frameRate = BeatFeatures.frameRate
    static let slowest = 40.0
    static let fastest = 250.0
    private static let dilatedLayers = 8

    private let mean: [Float]
    private let scale: [Float]
    private let input: TemporalConvolution
    private let layers: [TemporalConvolution]
    private let output: TemporalConvolution
    private let tempoHidden: TemporalConvolution
    private let tempo: TemporalConvolution

    /// - Throws: when a tensor is missing or has another shape.
    package init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        mean = try file.tensor("mean", shape: [BeatFeatures.columnCount]).values
        scale = try file.tensor("scale", shape: [BeatFeatures.columnCount]).values
        let channels = try file.tensor("input.bias").values.count
        input = try TemporalConvolution(file, "input", inputs: BeatFeatures.columnCount, outputs: channels, width: 3)
        var dilated: [TemporalConvolution] = []
        for index in 0 ..< Self.dilatedLayers {
            dilated.append(try TemporalConvolution(file, "layer\(index)", inputs: channels, outputs: channels, width: 5, spacing: 1 << index))
        }
        layers = dilated
        output = try TemporalConvolution(file, "output", inputs: channels, outputs: 2)
        let hidden = try file.tensor("tempo_hidden.bias").values.count
        tempoHidden = try TemporalConvolution(file, "tempo_hidden", inputs: channels, outputs: hidden)
        tempo = try TemporalConvolution(file, "tempo", inputs: hidden, outputs: try file.tensor("tempo.bias").values.count)
    }

    /// - Parameter rows: frames × `BeatFeatures.columnCount`.
    package func callAsFunction(_ rows: Matrix) -> Output {
        guard rows.rows > 0 else { return Output(beat: [], downbeat: [], tempo: [Float](repeating: -log(Float(tempo.outputs)), count: tempo.outputs)) }
        let frames = rows.rows
        var standardised = rows.elements
        for row in 0 ..< rows.rows {
            for column in 0 ..< rows.columns {
                let index = row * rows.columns + column
                standardised[index] = (standardised[index] - mean[column]) * scale[column]
            }
        }
        var hidden = Self.elu(input(Matrix(rows: frames, columns: rows.columns, elements: standardised), length: frames))
        for layer in layers { hidden = Self.elu(layer(hidden, length: frames), adding: hidden) }
        hidden = Self.elu(hidden)
        let logits = output(hidden, length: frames)
        let probabilities = logits.elements.map { 1 / (1 + exp(-$0)) }
        let (states, width) = (hidden.elements, hidden.columns)
        var sums = [Float](repeating: 0, count: width)
        for index in states.indices { sums[index % width] += states[index] }
        let pooled = Matrix(rows: 1, columns: width, elements: sums.map { $0 / Float(frames) })
        let scores = tempo(Self.elu(tempoHidden(pooled, length: 1)), length: 1).elements
        let top = scores.max() ?? 0
        let normaliser = top + log(scores.reduce(0) { $0 + exp($1 - top) })
        return Output(beat: (0 ..< frames).map { probabilities[2 * $0] }, downbeat: (0 ..< frames).map { probabilities[2 * $0 + 1] },
                      tempo: scores.map { $0 - normaliser })
    }

    /// Exponential linear units, beside what goes past them.
    private static func elu(_ matrix: Matrix, adding residual: Matrix? = nil) -> Matrix {
        var elements = matrix.elements
        for index in elements.indices where elements[index] < 0 { elements[index] = expm1(elements[index]) }
        if let residual {
            for index in elements.indices { elements[index] += residual.elements[index] }
        }
        return Matrix(rows: matrix.rows, columns: matrix.columns, elements: elements)
    }
}
