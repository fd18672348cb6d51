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

    private struct Layer: Sendable {
        let weight: Matrix
        let bias: [Float]
        let kernel: Int
        let dilation: Int
    }

    package static let frameRate = BeatFeatures.frameRate
    static let slowest = 40.0
    static let fastest = 250.0
    private static let channels = 32
    private static let dilatedLayers = 8

    private let mean: [Float]
    private let scale: [Float]
    private let input: Layer
    private let layers: [Layer]
    private let output: Layer
    private let tempoHidden: Layer
    private let tempo: Layer

    /// - Throws: when a tensor is missing or has another shape.
    package init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        func layer(_ name: String, from inputs: Int, kernel: Int, dilation: Int = 1) throws(SafetensorsFile.FormatError) -> Layer {
            let bias = try file.tensor(name + ".bias").values
            let weight = try file.tensor(name + ".weight", shape: [kernel * inputs, bias.count]).matrix
            return Layer(weight: weight, bias: bias, kernel: kernel, dilation: dilation)
        }
        mean = try file.tensor("mean", shape: [BeatFeatures.columnCount]).values
        scale = try file.tensor("scale", shape: [BeatFeatures.columnCount]).values
        input = try layer("input", from: BeatFeatures.columnCount, kernel: 3)
        var dilated: [Layer] = []
        for index in 0 ..< Self.dilatedLayers { dilated.append(try layer("layer\(index)", from: Self.channels, kernel: 5, dilation: 1 << index)) }
        layers = dilated
        output = try layer("output", from: Self.channels, kernel: 1)
        tempoHidden = try layer("tempo_hidden", from: Self.channels, kernel: 1)
        tempo = try layer("tempo", from: tempoHidden.bias.count, kernel: 1)
    }

    /// - Parameter rows: frames × `BeatFeatures.columnCount`.
    package func callAsFunction(_ rows: Matrix) -> Output {
        guard rows.rows > 0 else { return Output(beat: [], downbeat: [], tempo: [Float](repeating: -log(Float(tempo.bias.count)), count: tempo.bias.count)) }
        var standardised = rows.elements
        for row in 0 ..< rows.rows {
            for column in 0 ..< rows.columns {
                let index = row * rows.columns + column
                standardised[index] = (standardised[index] - mean[column]) * scale[column]
            }
        }
        var hidden = Self.elu(Self.apply(input, to: Matrix(rows: rows.rows, columns: rows.columns, elements: standardised)))
        for layer in layers { hidden = Self.sum(hidden, Self.elu(Self.apply(layer, to: hidden))) }
        hidden = Self.elu(hidden)
        let logits = Self.apply(output, to: hidden)
        let probabilities = logits.elements.map { 1 / (1 + exp(-$0)) }
        let frames = rows.rows
        let (states, width) = (hidden.elements, hidden.columns)
        var sums = [Float](repeating: 0, count: width)
        for index in states.indices { sums[index % width] += states[index] }
        let pooled = Matrix(rows: 1, columns: width, elements: sums.map { $0 / Float(frames) })
        let scores = Self.apply(tempo, to: Self.elu(Self.apply(tempoHidden, to: pooled))).elements
        let top = scores.max() ?? 0
        let normaliser = top + log(scores.reduce(0) { $0 + exp($1 - top) })
        return Output(beat: (0 ..< frames).map { probabilities[2 * $0] }, downbeat: (0 ..< frames).map { probabilities[2 * $0 + 1] },
                      tempo: scores.map { $0 - normaliser })
    }

    /// A convolution over time with zeros outside.
    private static func apply(_ layer: Layer, to matrix: Matrix) -> Matrix {
        let columns = matrix.columns
        var unfolded = matrix
        if layer.kernel > 1 {
            let source = matrix.elements
            var elements: [Float] = []
            elements.reserveCapacity(source.count * layer.kernel)
            let silence = [Float](repeating: 0, count: columns)
            for row in 0 ..< matrix.rows {
                for tap in 0 ..< layer.kernel {
                    let from = row + (tap - layer.kernel / 2) * layer.dilation
                    if from >= 0 && from < matrix.rows { elements += source[from * columns ..< (from + 1) * columns] } else { elements += silence }
                }
            }
            unfolded = Matrix(rows: matrix.rows, columns: columns * layer.kernel, elements: elements)
        }
        var result = unfolded.multiplied(by: layer.weight).elements
        let width = layer.bias.count
        for row in 0 ..< matrix.rows {
            for column in 0 ..< width { result[row * width + column] += layer.bias[column] }
        }
        return Matrix(rows: matrix.rows, columns: width, elements: result)
    }

    private static func elu(_ matrix: Matrix) -> Matrix { matrix.mapElements { $0 > 0 ? $0 : expm1($0) } }

    private static func sum(_ a: Matrix, _ b: Matrix) -> Matrix {
        var elements = a.elements
        for index in elements.indices { elements[index] += b.elements[index] }
        return Matrix(rows: a.rows, columns: a.columns, elements: elements)
    }
}
