import CTensorKernels

/// What stands between the matrix products of a decoder. Each row's result depends on that row alone. Instruction sets are ones that the processor has.
extension Activations {
    /// `output = self / √(mean(self²) + ε) · weights`, row by row; `output` takes on these rows.
    public func rmsNorm(weights: [Float], epsilon: Float, into output: Activations, instructions: InstructionSet = .best) {
        precondition(weights.count == columns && output.columns == columns, "a norm over \(columns) numbers")
        output.resize(rows: rows)
        decoder_rms_norm(instructions.level, pointer, weights, output.pointer, rows, columns, epsilon)
    }

    /// `self += other`
    public func add(_ other: Activations, instructions: InstructionSet = .best) {
        precondition(other.rows == rows && other.columns == columns, "sums are of equal sizes")
        decoder_add(instructions.level, pointer, other.pointer, rows * columns)
    }

    /// `self[r, first …] += scales[r] · other[r, …]`
    public func add(_ other: Activations, atColumn first: Int, scales: [Float], instructions: InstructionSet = .best) {
        precondition(other.rows == rows && scales.count == rows && first >= 0 && first + other.columns <= columns, "columns \(first) to \(first + other.columns) of \(columns)")
        decoder_add_scaled(instructions.level, pointer, columns, first, other.pointer, rows, other.columns, scales)
    }

    /// `output = silu(gates) · ups`, where a row of these is its gates, then its ups; `output` takes on these rows.
    public func gate(into output: Activations, instructions: InstructionSet = .best) {
        precondition(columns == 2 * output.columns, "gates and ups for \(output.columns) numbers")
        output.resize(rows: rows)
        decoder_gate(instructions.level, pointer, output.pointer, rows, output.columns)
    }

    /// Copies rows of this to the rows of `output` from `first` on.
    public func copy(rows range: Range<Int>, into output: Activations, at first: Int = 0) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows && first >= 0 && first + range.count <= output.rows && output.columns == columns, "rows out of range")
        (output.pointer + first * columns).update(from: pointer + range.lowerBound * columns, count: range.count * columns)
    }

    /// Copies columns of this to `output`, which takes on these rows.
    public func copy(columns first: Int, into output: Activations) {
        precondition(first >= 0 && first + output.columns <= columns, "columns out of range")
        output.resize(rows: rows)
        for row in 0 ..< rows { (output.pointer + row * output.columns).update(from: pointer + row * columns + first, count: output.columns) }
    }

    /// Copies row-major numbers to the rows from `row` on.
    public func write(_ values: ArraySlice<Float>, atRow row: Int) {
        precondition(row >= 0 && values.count % columns == 0 && row + values.count / columns <= rows, "rows out of range")
        values.withUnsafeBufferPointer { if let base = $0.baseAddress { (pointer + row * columns).update(from: base, count: $0.count) } }
    }

    /// The column of a row's largest number, the first of equal ones; 0 where none is a number.
    public func largestColumn(row: Int, instructions: InstructionSet = .best) -> Int {
        precondition(row >= 0 && row < rows, "row out of range")
        return decoder_largest(instructions.level, pointer + row * columns, columns)
    }

    /// A row's numbers as `exp((x - largest) · scale)`.
    public func exponentials(row: Int, scale: Float, instructions: InstructionSet = .best) -> (values: [Float], sum: Double) {
        let largest = self[row: row, column: largestColumn(row: row)]
        var values = self[row: row], sum = 0.0
        values.withUnsafeMutableBufferPointer { sum = decoder_exponentials(instructions.level, $0.baseAddress, $0.count, largest, scale) }
        return (values, sum)
    }

    public subscript(row row: Int, column column: Int) -> Float {
        precondition(row >= 0 && row < rows && column >= 0 && column < columns, "out of range")
        return pointer[row * columns + column]
    }
}
