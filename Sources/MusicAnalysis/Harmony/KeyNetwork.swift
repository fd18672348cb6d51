import Glibc
import NumericKernels

/// Asks of every tonic how well a clip's notes and chords fit it, as major and as minor: a small network over the mean chroma, the
/// chords' shares, the first and the last chords, and how chords follow each other. Trained by scripts/train-harmony.
struct KeyNetwork: Sendable {
    /// Of mean chroma 4; of major, minor and diminished chords; of the first and the last chords, major and minor.
    private static let pitchRows = 4 + 3 + 2 + 2
    private static let inputs = 12 * pitchRows + 2
    /// Frames that count as the first and the last: 2.5 s.
    private static let edge = Int((2.5 / LogFrequencySpectrum.frameSeconds).rounded())

    private let hiddenLayer: TemporalConvolution
    private let deeperLayer: TemporalConvolution
    private let directLayer: TemporalConvolution
    private let outputLayer: TemporalConvolution

    /// - Throws: when a tensor is missing or has another shape.
    init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        let hidden = try file.tensor("key_hidden.bias").values.count
        hiddenLayer = try TemporalConvolution(file, "key_hidden", inputs: Self.inputs, outputs: hidden)
        deeperLayer = try TemporalConvolution(file, "key_deeper", inputs: hidden, outputs: hidden)
        directLayer = try TemporalConvolution(file, "key_direct", inputs: Self.inputs, outputs: 2)
        outputLayer = try TemporalConvolution(file, "key_output", inputs: hidden, outputs: 2)
    }

    /// Probabilities of the 24 keys: major from C, then minor.
    func probabilities(_ chroma: RegisterChroma, states: [Int], _ transitions: ChordTransitions) -> [Float] {
        let rows = Self.pitchRows(chroma, states)
        let changes = transitions.scores(states)
        var inputs = Matrix(rows: 12, columns: Self.inputs)
        for tonic in 0 ..< 12 {
            let turned = rows.flatMap { row in (0 ..< 12).map { row[($0 + tonic) % 12] } }
            inputs[row: tonic] = (turned + [changes[tonic], changes[12 + tonic]])[...]
        }
        let direct = directLayer(inputs, length: 12)
        let scores = zip(direct.elements, bent(inputs).elements).map { $0 + $1 }
        return Self.softmax((0 ..< 24).map { scores[2 * ($0 % 12) + $0 / 12] })
    }

    /// What is not linear: two hidden layers, the second beside the first.
    private func bent(_ inputs: Matrix) -> Matrix {
        let first = hiddenLayer(inputs, length: 12).mapElements { max(0, $0) }
        let second = deeperLayer(first, length: 12).mapElements { max(0, $0) }
        let sum = Matrix(rows: 12, columns: first.columns, elements: zip(first.elements, second.elements).map { $0 + $1 })
        return outputLayer(sum, length: 12)
    }

    private static func softmax(_ scores: [Float]) -> [Float] {
        let top = scores.max() ?? 0
        let weights = scores.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// `pitchRows` rows of twelve.
    private static func pitchRows(_ chroma: RegisterChroma, _ states: [Int]) -> [[Float]] {
        let frames = max(1, chroma.rows.rows)
        var mean = [Float](repeating: 0, count: RegisterChroma.columnCount)
        for row in 0 ..< chroma.rows.rows {
            for column in mean.indices { mean[column] += chroma.rows[row, column] / Float(frames) }
        }
        let norm = Reductions.sumOfSquares(mean).squareRoot() + 1e-6
        let sounding = states.filter { $0 != ChordVocabulary.noChord }
        let shares = shares(sounding[...], labels: 3)
        return rows(mean.map { $0 / norm }) + rows(shares) + rows(Self.shares(sounding.prefix(edge), labels: 2)) + rows(Self.shares(sounding.suffix(edge), labels: 2))
    }

    /// Of the frames, the share of each state of the first labels.
    private static func shares(_ states: ArraySlice<Int>, labels: Int) -> [Float] {
        var counts = [Float](repeating: 0, count: 12 * labels)
        for state in states where state < counts.count { counts[state] += 1 }
        return counts.map { $0 / Float(max(1, states.count)) }
    }

    private static func rows(_ values: [Float]) -> [[Float]] {
        stride(from: 0, to: values.count, by: 12).map { Array(values[$0 ..< $0 + 12]) }
    }
}
