import NumericKernels

/// A linear layer's weights, `outputs × inputs`, in one format, laid out for the kernels.
public final class WeightMatrix: Sendable {
    public let outputs: Int
    public let inputs: Int
    public let format: WeightFormat
    private let dense: Matrix

    /// Asks for the rows some at a time, so that a large matrix never stands in memory in single precision.
    ///
    /// - rows: the weights of a range of outputs, row-major, `range.count × inputs` of them.
    public init<Failure: Error>(outputs: Int, inputs: Int, format: WeightFormat, rows: (Range<Int>) throws(Failure) -> [Float]) throws(Failure) {
        self.outputs = outputs
        self.inputs = inputs
        self.format = format
        dense = Matrix(rows: outputs, columns: inputs, elements: try rows(0 ..< outputs))
    }

    /// Bytes of memory.
    public var byteCount: Int { outputs * inputs * 4 }

    /// `output = input · weightsᵀ` (`rows × inputs` to `rows × outputs`); `output` takes on the input's rows.
    public func multiply(_ input: Activations, into output: Activations, threads: Int = 1) {
        precondition(input.columns == inputs && output.columns == outputs, "a layer of \(inputs) inputs and \(outputs) outputs")
        output.resize(rows: input.rows)
        let product = Matrix(rows: input.rows, columns: inputs, elements: input.values).multiplied(byTransposeOf: dense)
        for row in 0 ..< input.rows { output[row: row] = Array(product[row: row]) }
    }

    /// One row in single precision: the weights of an output, or a token's embedding.
    public func row(_ index: Int) -> [Float] { Array(dense[row: index]) }
}
