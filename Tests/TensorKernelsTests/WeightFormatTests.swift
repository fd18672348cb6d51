import TensorKernels
import Testing

@Suite struct WeightFormatTests {
    /// The root mean square of what a format changes, over that of the weights.
    private func error(of format: WeightFormat, outputs: Int = 64, inputs: Int = 1024, values: [Float]) -> Double {
        let matrix = WeightMatrix(outputs: outputs, inputs: inputs, format: format, values: values)
        var difference = 0.0, norm = 0.0
        for output in 0 ..< outputs {
            for (index, value) in matrix.row(output).enumerated() {
                let exact = Double(values[output * inputs + index])
                difference += (Double(value) - exact) * (Double(value) - exact)
                norm += exact * exact
            }
        }
        return (difference / norm).squareRoot()
    }

    @Test("A format changes normally distributed weights by no more than it promises", arguments: [(WeightFormat.float32, 0), (.bfloat16, 0.0017), (.int8, 0.0062), (.int4, 0.0755)])
    func errors(_ format: WeightFormat, most: Double) {
        var numbers = Numbers(seed: 1)
        let values = numbers.normals(64 * 1024)
        #expect(error(of: format, values: values) <= most)
        // Whatever their size: a scale in bfloat16 has the range of single precision.
        #expect(error(of: format, values: values.map { $0 * 1e-9 }) <= most)
        #expect(error(of: format, values: values.map { $0 * 1e20 }) <= most)
    }

    @Test("Four bits are better than sixteen even steps whose scale the largest weight sets")
    func fourBitsBeatEvenSteps() {
        var numbers = Numbers(seed: 2)
        let values = numbers.normals(64 * 1024)
        var difference = 0.0, norm = 0.0
        for block in stride(from: 0, to: values.count, by: 32) {
            // As llama.cpp's Q4_0: the weight of largest magnitude becomes -8.
            let largest = values[block ..< block + 32].max { abs($0) < abs($1) }!, scale = largest / -8
            for value in values[block ..< block + 32] {
                let kept = min(max((value / scale).rounded(), -8), 7) * scale
                difference += Double((kept - value) * (kept - value))
                norm += Double(value * value)
            }
        }
        #expect(error(of: .int4, values: values) < 0.9 * (difference / norm).squareRoot())
    }

    @Test("Memory is what the format promises", arguments: [(WeightFormat.float32, 4), (.bfloat16, 2), (.int8, 1.0625), (.int4, 0.5625)])
    func memory(_ format: WeightFormat, bytesPerWeight: Double) {
        #expect(Double(format.byteCount(outputs: 4096, inputs: 11008)) <= bytesPerWeight * 4096 * 11008)
        // Inputs and outputs that fill no block and no panel.
        let matrix = WeightMatrix(outputs: 33, inputs: 100, format: format, values: [Float](repeating: 1, count: 3300))
        #expect(matrix.byteCount == format.byteCount(outputs: 33, inputs: 100))
        #expect(matrix.row(32).allSatisfy { abs($0 - 1) < 0.01 })
    }

    @Test("Rows are asked for in order, each once, some at a time", arguments: WeightFormat.allCases)
    func rowsAreAskedForOnce(_ format: WeightFormat) {
        var asked: [Range<Int>] = []
        _ = WeightMatrix(outputs: 3000, inputs: 700, format: format) { range in
            asked.append(range)
            return [Float](repeating: 0, count: range.count * 700)
        }
        #expect(asked.count > 1 && asked.first?.lowerBound == 0 && asked.last?.upperBound == 3000)
        #expect(zip(asked, asked.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(asked.allSatisfy { $0.count * 700 * 4 <= 4 << 20 })
    }

    @Test("What the rows' reader throws comes out")
    func readerFails() {
        struct Unreadable: Error, Equatable {}
        #expect(throws: Unreadable()) { try WeightMatrix(outputs: 2, inputs: 2, format: .int8) { _ in throw Unreadable() } }
    }

    @Test("Zeros, equal weights and outliers are kept", arguments: WeightFormat.allCases)
    func extremes(_ format: WeightFormat) {
        var values = [Float](repeating: 0, count: 128)
        values[64] = 3
        let matrix = WeightMatrix(outputs: 1, inputs: 128, format: format, values: values)
        for (index, value) in matrix.row(0).enumerated() {
            // Only the scale's rounding to bfloat16 is left.
            #expect(abs(value - values[index]) <= (index == 64 ? 0.02 : 0))
        }
    }

    @Test("Weights that are not numbers stay so", arguments: WeightFormat.allCases, [Float.nan, .infinity])
    func notNumbers(_ format: WeightFormat, weight: Float) {
        var values = [Float](repeating: 1, count: 40 * 70)
        values[35 * 70 + 3] = weight
        let matrix = WeightMatrix(outputs: 40, inputs: 70, format: format, values: values)
        let output = Activations(rows: 1, columns: 40)
        matrix.multiply(Activations(rows: 1, columns: 70, values: [Float](repeating: 1, count: 70)), into: output)
        for (index, value) in output.values.enumerated() { #expect(value.isFinite == (index != 35)) }
    }

    @Test("A row can be copied to where it is wanted", arguments: WeightFormat.allCases)
    func copiedRows(_ format: WeightFormat) {
        var numbers = Numbers(seed: 3)
        let matrix = WeightMatrix(outputs: 34, inputs: 66, format: format, values: numbers.normals(34 * 66))
        let activations = Activations(rows: 3, columns: 66)
        matrix.copyRow(33, to: activations, row: 1)
        #expect(activations[row: 1] == matrix.row(33))
        #expect(activations[row: 0].allSatisfy { $0 == 0 } && activations[row: 2].allSatisfy { $0 == 0 })
    }
}
