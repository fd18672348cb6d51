import Glibc
import NumericKernels

/// Says how probable each chord of the vocabulary is in each frame: one small convolutional network, which asks of every root what
/// chord stands on it. Trained by scripts/train-harmony; it sees 1.2 s to both sides.
package struct ChordNetwork: Sendable {
    private static let channels = 32
    private let layers: [TemporalConvolution]
    private let output: TemporalConvolution

    /// - Throws: when a tensor is missing or has another shape.
    package init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        layers = [
            try TemporalConvolution(file, "chord0", inputs: RegisterChroma.columnCount, outputs: Self.channels, width: 3),
            try TemporalConvolution(file, "chord1", inputs: Self.channels, outputs: Self.channels, width: 5, spacing: 2),
            try TemporalConvolution(file, "chord2", inputs: Self.channels, outputs: Self.channels, width: 5, spacing: 4),
        ]
        output = try TemporalConvolution(file, "chord_output", inputs: Self.channels, outputs: ChordVocabulary.qualities.count + 1)
    }

    /// Log-probabilities, frames × (qualities · 12 + 1): quality-major, then "no chord".
    package func logProbabilities(_ chroma: RegisterChroma) -> Matrix {
        let frames = chroma.rows.rows
        let qualities = ChordVocabulary.qualities.count
        guard frames > 0 else { return Matrix(rows: 0, columns: 12 * qualities + 1) }
        var hidden = Self.rectified(layers[0](Self.turned(chroma.rows), length: frames))
        for layer in layers.dropFirst() { hidden = Self.rectified(layer(hidden, length: frames), adding: hidden) }
        let scores = output(hidden, length: frames)
        var result = Matrix(rows: frames, columns: 12 * qualities + 1)
        for frame in 0 ..< frames {
            var row = [Float](repeating: 0, count: 12 * qualities + 1)
            for root in 0 ..< 12 {
                let first = (root * frames + frame) * (qualities + 1)
                for quality in 0 ..< qualities { row[12 * quality + root] = scores.elements[first + quality] }
                row[12 * qualities] += scores.elements[first + qualities] / 12
            }
            let top = row.max() ?? 0
            let normaliser = top + log(row.reduce(0) { $0 + exp($1 - top) })
            result[row: frame] = row.map { $0 - normaliser }[...]
        }
        return result
    }

    /// All frames as seen from C, then all as seen from C#, …: the pitch class of the root comes first in each register.
    private static func turned(_ rows: Matrix) -> Matrix {
        let columns = rows.columns
        var elements = [Float](repeating: 0, count: 12 * rows.elements.count)
        rows.elements.withUnsafeBufferPointer { source in
            elements.withUnsafeMutableBufferPointer { target in
                // Invariant: root < 12 and row < rows; columns are whole registers of twelve, so that every index is inside.
                for root in 0 ..< 12 {
                    for row in 0 ..< rows.rows {
                        let (from, to) = (row * columns, (root * rows.rows + row) * columns)
                        for register in stride(from: 0, to: columns, by: 12) {
                            for pitch in 0 ..< 12 - root { target[to + register + pitch] = source[from + register + pitch + root] }
                            for pitch in 12 - root ..< 12 { target[to + register + pitch] = source[from + register + pitch + root - 12] }
                        }
                    }
                }
            }
        }
        return Matrix(rows: 12 * rows.rows, columns: columns, elements: elements)
    }

    private static func rectified(_ matrix: Matrix, adding residual: Matrix? = nil) -> Matrix {
        var elements = matrix.elements
        if let residual {
            for index in elements.indices { elements[index] = max(0, elements[index]) + residual.elements[index] }
        } else {
            for index in elements.indices { elements[index] = max(0, elements[index]) }
        }
        return Matrix(rows: matrix.rows, columns: matrix.columns, elements: elements)
    }
}
