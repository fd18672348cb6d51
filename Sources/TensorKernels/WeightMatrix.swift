import CTensorKernels

/// A linear layer's weights, `outputs × inputs`, in one format, laid out for the kernels.
///
/// Packed once, when made: quantised to the format, in panels that one row of activations (decoding) streams through and many rows (prefill) share.
public final class WeightMatrix: Sendable {
    public let outputs: Int
    public let inputs: Int
    public let format: WeightFormat
    let packed: PackedWeights

    /// Asks for the rows some at a time, in order, so that a large matrix never stands in memory in single precision.
    ///
    /// - rows: the weights of a range of outputs, row-major, `range.count × inputs` of them.
    public init<Failure: Error>(outputs: Int, inputs: Int, format: WeightFormat, rows: (Range<Int>) throws(Failure) -> [Float]) throws(Failure) {
        precondition(outputs > 0 && inputs > 0, "a layer has inputs and outputs")
        self.outputs = outputs
        self.inputs = inputs
        self.format = format
        packed = PackedWeights(byteCount: format.byteCount(outputs: outputs, inputs: inputs))
        // Whole panels, about 2 MB in single precision: they stay in the cache between being made and being packed.
        let panel = tensor_panel_outputs, step = max(1, (512 << 10) / (inputs * panel)) * panel
        for start in stride(from: 0, to: outputs, by: step) {
            let range = start ..< min(start + step, outputs)
            let values = try rows(range)
            precondition(values.count == range.count * inputs, "\(range.count) rows of \(inputs) weights, not \(values.count) numbers")
            // Invariant: `packed` has room for all outputs' panels, `start` is the first of a panel, and `values` holds what the range says.
            values.withUnsafeBufferPointer { tensor_pack_weights(format.cFormat, $0.baseAddress, start, range.count, inputs, packed.pointer) }
        }
    }

    /// Bytes of memory.
    public var byteCount: Int { packed.byteCount }

    /// `output = input · weightsᵀ` (`rows × inputs` to `rows × outputs`); `output` takes on the input's rows.
    ///
    /// A row's result is the same, to the bit, whatever rows are beside it and however many threads there are.
    /// - accumulate: adds to what `output` holds, which must have the input's rows then.
    /// - threads: how many share the outputs.
    public func multiply(_ input: Activations, into output: Activations, accumulate: Bool = false, threads: Int = 1) {
        multiply(input, into: output, accumulate: accumulate, threads: threads, instructions: .best)
    }

    /// The product with given instructions, which the processor must have.
    package func multiply(_ input: Activations, into output: Activations, accumulate: Bool = false, threads: Int = 1, instructions: InstructionSet) {
        Self.multiply(input, by: [self], into: [output], accumulate: accumulate, threads: threads, instructions: instructions)
    }

    /// Products of the same activations with several layers of one format (query, key and value, say), laid out for the kernels once.
    public static func multiply(_ input: Activations, by matrices: [WeightMatrix], into outputs: [Activations], threads: Int = 1) {
        multiply(input, by: matrices, into: outputs, accumulate: false, threads: threads, instructions: .best)
    }

    /// One row in single precision: the weights of an output, or a token's embedding.
    public func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < outputs, "row \(index) of \(outputs)")
        return [Float](unsafeUninitializedCapacity: inputs) { values, count in
            tensor_unpack_row(format.cFormat, packed.pointer, inputs, index, values.baseAddress)
            count = inputs
        }
    }

    /// One row in single precision, over a row of `activations`.
    public func copyRow(_ index: Int, to activations: Activations, row: Int) {
        precondition(index >= 0 && index < outputs, "row \(index) of \(outputs)")
        precondition(activations.columns == inputs && row >= 0 && row < activations.rows, "a row of \(inputs) numbers within the activations")
        tensor_unpack_row(format.cFormat, packed.pointer, inputs, index, activations.pointer + row * inputs)
    }
}
