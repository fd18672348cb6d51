/// A layer of a trained network: a convolution over time, as one matrix product over the frames under its kernel laid side by side.
package struct TemporalConvolution: Sendable {
    package let inputs: Int
    package let outputs: Int
    /// Frames that the kernel covers, odd, and how far apart they are.
    package let width: Int
    package let spacing: Int
    /// width · inputs × outputs, the earliest frame first.
    private let weights: Matrix
    private let bias: [Float]

    /// Tensors `NAME.weight` (width · inputs × outputs) and `NAME.bias` of a model.
    ///
    /// - Throws: when one is missing or has another shape.
    package init(_ file: SafetensorsFile, _ name: String, inputs: Int, outputs: Int, width: Int = 1, spacing: Int = 1) throws(SafetensorsFile.FormatError) {
        precondition(width % 2 == 1 && spacing > 0, "a kernel has a middle")
        (self.inputs, self.outputs, self.width, self.spacing) = (inputs, outputs, width, spacing)
        weights = try file.tensor(name + ".weight", shape: [width * inputs, outputs]).matrix
        bias = try file.tensor(name + ".bias", shape: [outputs]).values
    }

    /// The layer over several sequences of `length` frames each, one after another in the rows; outside a sequence are zeros.
    package func callAsFunction(_ rows: Matrix, length: Int) -> Matrix {
        precondition(rows.columns == inputs && (length > 0 ? rows.rows % length == 0 : rows.rows == 0), "sequences of \(inputs) columns and \(length) rows each")
        let product = (width == 1 ? rows : unfolded(rows, length: length)).multiplied(by: weights)
        var elements = product.elements
        elements.withUnsafeMutableBufferPointer { elements in
            bias.withUnsafeBufferPointer { bias in
                // Invariant: the product has rows × outputs elements, and the bias `outputs`.
                for row in 0 ..< product.rows {
                    for column in 0 ..< bias.count { elements[row * bias.count + column] += bias[column] }
                }
            }
        }
        return Matrix(rows: product.rows, columns: outputs, elements: elements)
    }

    /// rows × (width · inputs).
    private func unfolded(_ rows: Matrix, length: Int) -> Matrix {
        let wide = width * inputs
        var elements = [Float](repeating: 0, count: rows.rows * wide)
        elements.withUnsafeMutableBufferPointer { target in
            rows.elements.withUnsafeBufferPointer { source in
                for first in stride(from: 0, to: rows.rows, by: max(1, length)) {
                    for tap in 0 ..< width {
                        let shift = (tap - width / 2) * spacing
                        for frame in max(0, -shift) ..< max(max(0, -shift), min(length, length - shift)) {
                            // Invariant: frame and frame + shift lie in 0 ..< length, so that both runs of `inputs` lie in the sequence's rows.
                            let from = source.baseAddress! + (first + frame + shift) * inputs
                            (target.baseAddress! + (first + frame) * wide + tap * inputs).update(from: from, count: inputs)
                        }
                    }
                }
            }
        }
        return Matrix(rows: rows.rows, columns: wide, elements: elements)
    }
}
