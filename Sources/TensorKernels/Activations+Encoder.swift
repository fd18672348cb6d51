import CTensorKernels

/// What a pre-norm transformer encoder does between its matrix products.
extension Activations {
    /// Each row to mean 0 and variance 1, times `weight`, plus `bias`, both of `columns` numbers: into `output`, which may be this one.
    public func normalise(weight: [Float], bias: [Float], epsilon: Float, into output: Activations) {
        normalise(weight: weight, bias: bias, epsilon: epsilon, into: output, instructions: .best)
    }

    /// Adds `bias`, of `columns` numbers, to each row.
    public func add(bias: [Float]) { add(bias: bias, instructions: .best) }

    /// Adds `bias`, of `columns` numbers, to each row, and puts the sum's layer norm into `output`.
    public func add(bias: [Float], thenNormalise weight: [Float], _ normBias: [Float], epsilon: Float, into output: Activations) {
        add(bias: bias, thenNormalise: weight, normBias, epsilon: epsilon, into: output, instructions: .best)
    }

    /// The exact GELU x · ½ (1 + erf(x / √2)) of each number plus its column's bias, in place; within 2e-6 for |x| ≤ 10.
    public func applyGELU(bias: [Float]) { applyGELU(bias: bias, instructions: .best) }

    package func normalise(weight: [Float], bias: [Float], epsilon: Float, into output: Activations, instructions: InstructionSet) {
        precondition(weight.count == columns && bias.count == columns && output.columns == columns, "a layer norm's weight, bias and output are as wide as its input")
        if output !== self { output.resize(rows: rows) }
        // Invariant: both matrices are rows × columns, both vectors columns long; each row is read before it is written.
        tensor_layer_norm(instructions.level, pointer, weight, bias, epsilon, output.pointer, rows, columns)
    }

    package func add(bias: [Float], instructions: InstructionSet) {
        precondition(bias.count == columns, "a bias has \(columns) numbers")
        tensor_add_bias(instructions.level, pointer, bias, rows, columns)
    }

    package func add(bias: [Float], thenNormalise weight: [Float], _ normBias: [Float], epsilon: Float, into output: Activations, instructions: InstructionSet) {
        precondition(bias.count == columns, "a bias has \(columns) numbers")
        precondition(weight.count == columns && normBias.count == columns && output.columns == columns, "a layer norm's weight, bias and output are as wide as its input")
        precondition(output !== self, "the sum is kept beside its layer norm")
        output.resize(rows: rows)
        // Invariant: both matrices are rows × columns, all vectors columns long; a row of the sum is complete before it is normalised.
        tensor_add_bias_layer_norm(instructions.level, pointer, bias, weight, normBias, epsilon, output.pointer, rows, columns)
    }

    package func applyGELU(bias: [Float], instructions: InstructionSet) {
        precondition(bias.count == columns, "a bias has \(columns) numbers")
        tensor_gelu_with_bias(instructions.level, pointer, bias, rows, columns)
    }

    /// Writes some of another's rows one after the other over this one.
    public func gather(_ indices: some Collection<Int>, of source: Activations) {
        precondition(source.columns == columns && source !== self, "rows are gathered from another matrix of as many columns")
        resize(rows: indices.count)
        for (row, index) in indices.enumerated() {
            precondition(index >= 0 && index < source.rows, "row out of range")
            // Invariant: both rows lie inside their matrices (checked here and by resize).
            (pointer + row * columns).update(from: source.pointer + index * columns, count: columns)
        }
    }

    /// Adds `values`, whole rows of `columns` numbers, to the rows from `first` on.
    public func add(_ values: [Float], toRowsFrom first: Int) {
        precondition(first >= 0 && values.count % columns == 0 && first + values.count / columns <= rows, "the rows to add to are inside the matrix")
        values.withUnsafeBufferPointer { values in
            // Invariant: first × columns + values.count ≤ rows × columns.
            for index in values.indices { pointer[first * columns + index] += values[index] }
        }
    }
}

extension Activations {
    /// Writes rows of another over as many of this one, from `row` on.
    public func copy(_ source: Activations, rows sourceRows: Range<Int>, toRow row: Int) {
        precondition(source.columns == columns && source !== self && sourceRows.lowerBound >= 0 && sourceRows.upperBound <= source.rows, "rows of another matrix of as many columns")
        precondition(row >= 0 && row + sourceRows.count <= rows, "the rows to write are inside the matrix")
        // Invariant: both runs of rows lie inside their matrices (checked above).
        (pointer + row * columns).update(from: source.pointer + sourceRows.lowerBound * columns, count: sourceRows.count * columns)
    }

    /// Lays out an image's patches for a convolution that is a matrix product: a row each, from row `first` on, row of patches after row, `patchRows × patchColumns` numbers.
    ///
    /// - Parameters:
    ///   - image: `rows × columns`, row-major.
    ///   - stride: from one patch to the next, both ways.
    public func fill(fromRow first: Int, patchesOf image: ArraySlice<Float>, rows imageRows: Int, columns imageColumns: Int, patchRows: Int, patchColumns: Int, stride: Int) {
        precondition(image.count == imageRows * imageColumns && patchRows * patchColumns == columns && stride > 0, "an image of \(imageRows) × \(imageColumns) numbers, patches of \(columns)")
        precondition(patchRows <= imageRows && patchColumns <= imageColumns, "a patch is no larger than the image")
        let down = (imageRows - patchRows) / stride + 1, across = (imageColumns - patchColumns) / stride + 1
        precondition(first >= 0 && first + down * across <= rows, "there are rows for all patches")
        image.withUnsafeBufferPointer { image in
            for patch in 0 ..< down * across {
                let corner = patch / across * stride * imageColumns + patch % across * stride
                for line in 0 ..< patchRows {
                    // Invariant: the patch lies inside the image by the counts above, its row inside this matrix.
                    (pointer + (first + patch) * columns + line * patchColumns).update(from: image.baseAddress! + corner + line * imageColumns, count: patchColumns)
                }
            }
        }
    }
}
