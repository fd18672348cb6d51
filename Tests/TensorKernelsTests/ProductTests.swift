import TensorKernels
import Testing

/// Every format with every set of instructions that the processor has.
struct Variant: CustomTestStringConvertible {
    let format: WeightFormat
    let instructions: InstructionSet
    var testDescription: String { "\(format.rawValue) with \(instructions.rawValue)" }

    static let all = WeightFormat.allCases.flatMap { format in InstructionSet.available.map { Variant(format: format, instructions: $0) } }

    /// How far a sum may be from the exact one of the same weights, over the norm of what is added up.
    ///
    /// Single precision rounds sums only. bfloat16 products round activations by at most 2⁻⁹. Whole numbers round each activation by at most 1/254 of its block's largest,
    /// which is about three times its neighbours: a little over 1%, and more in sums of few.
    func tolerance(inputs: Int) -> Double {
        switch (format, instructions) {
        case (.float32, _): 1e-5
        case (.bfloat16, .avx512BF16): 5e-3
        case (.bfloat16, _): 1e-5
        case (.int8, _), (.int4, _): inputs < 8 ? 0.1 : 0.03
        }
    }
}

@Suite struct ProductTests {
    @Test("A product is that of the weights as they were kept, for odd and even shapes", arguments: Variant.all)
    func products(_ variant: Variant) {
        var numbers = Numbers(seed: 7)
        for (outputs, inputs) in [(1, 1), (3, 2), (31, 3), (32, 64), (33, 65), (40, 100), (96, 192), (65, 320), (64, 1025)] {
            let weights = WeightMatrix(outputs: outputs, inputs: inputs, format: variant.format, values: numbers.normals(outputs * inputs))
            let kept = (0 ..< outputs).map { weights.row($0) }
            for rows in [1, 2, 3, 7, 8, 9, 12, 13, 250] where rows < 250 || inputs == 100 {
                let input = Activations(rows: rows, columns: inputs, values: numbers.normals(rows * inputs)), output = Activations(rows: 1, columns: outputs)
                weights.multiply(input, into: output, instructions: variant.instructions)
                #expect(output.rows == rows)
                let values = input.values, results = output.values
                var error = 0.0, norm = 0.0
                for row in 0 ..< rows {
                    for (index, weights) in kept.enumerated() {
                        var exact = 0.0
                        for column in 0 ..< inputs {
                            let product = Double(values[row * inputs + column]) * Double(weights[column])
                            exact += product
                            norm += product * product
                        }
                        let difference = Double(results[row * outputs + index]) - exact
                        error += difference * difference
                    }
                }
                #expect(error.squareRoot() <= variant.tolerance(inputs: inputs) * norm.squareRoot(), "\(rows) rows, \(inputs) inputs, \(outputs) outputs")
            }
        }
    }

    @Test("A row's result does not depend on the rows beside it", arguments: Variant.all)
    func rowsAreIndependent(_ variant: Variant) {
        var numbers = Numbers(seed: 8)
        let weights = WeightMatrix(outputs: 70, inputs: 1600, format: variant.format, values: numbers.normals(70 * 1600))
        let all = Activations(rows: 37, columns: 1600, values: numbers.normals(37 * 1600)), together = Activations(rows: 37, columns: 70)
        weights.multiply(all, into: together, instructions: variant.instructions)
        for row in [0, 11, 12, 36] {
            let alone = Activations(rows: 1, columns: 70)
            weights.multiply(Activations(rows: 1, columns: 1600, values: all[row: row]), into: alone, instructions: variant.instructions)
            #expect(alone.values == together[row: row])
        }
    }

    @Test("The number of threads does not change a result", arguments: Variant.all)
    func threads(_ variant: Variant) {
        var numbers = Numbers(seed: 9)
        let weights = WeightMatrix(outputs: 300, inputs: 520, format: variant.format, values: numbers.normals(300 * 520))
        for rows in [1, 8, 30] {
            let input = Activations(rows: rows, columns: 520, values: numbers.normals(rows * 520)), one = Activations(rows: rows, columns: 300)
            weights.multiply(input, into: one, threads: 1, instructions: variant.instructions)
            for threads in [2, 3, 16] {
                let many = Activations(rows: rows, columns: 300)
                weights.multiply(input, into: many, threads: threads, instructions: variant.instructions)
                #expect(many.values == one.values)
            }
        }
    }

    @Test("Sums of whole numbers differ between processors only where blocks are added up", arguments: [WeightFormat.int8, .int4])
    func wholeNumbersAreExact(_ format: WeightFormat) {
        var numbers = Numbers(seed: 10)
        // One block of inputs: nothing is added to its scaled sum.
        let weights = WeightMatrix(outputs: 50, inputs: 32, format: format, values: numbers.normals(50 * 32))
        let input = Activations(rows: 5, columns: 32, values: numbers.normals(5 * 32))
        var results: Set<[Float]> = []
        for instructions in InstructionSet.available {
            let output = Activations(rows: 5, columns: 50)
            weights.multiply(input, into: output, instructions: instructions)
            results.insert(output.values)
        }
        #expect(results.count == 1)
    }

    @Test("Adding to what is there gives the sum of both", arguments: Variant.all)
    func accumulation(_ variant: Variant) {
        var numbers = Numbers(seed: 11)
        let weights = WeightMatrix(outputs: 45, inputs: 96, format: variant.format, values: numbers.normals(45 * 96))
        let input = Activations(rows: 14, columns: 96, values: numbers.normals(14 * 96)), plain = Activations(rows: 14, columns: 45)
        weights.multiply(input, into: plain, instructions: variant.instructions)
        let before = numbers.normals(14 * 45), sum = Activations(rows: 14, columns: 45, values: before)
        weights.multiply(input, into: sum, accumulate: true, instructions: variant.instructions)
        for (index, value) in sum.values.enumerated() { #expect(abs(value - (before[index] + plain.values[index])) < 1e-4) }
    }

    @Test("Layers that share activations give what each gives alone", arguments: WeightFormat.allCases)
    func sharedActivations(_ format: WeightFormat) {
        var numbers = Numbers(seed: 12)
        let layers = [64, 16, 200].map { WeightMatrix(outputs: $0, inputs: 128, format: format, values: numbers.normals($0 * 128)) }
        let input = Activations(rows: 20, columns: 128, values: numbers.normals(20 * 128))
        let together = layers.map { Activations(rows: 1, columns: $0.outputs) }
        WeightMatrix.multiply(input, by: layers, into: together, threads: 2)
        for (layer, result) in zip(layers, together) {
            let alone = Activations(rows: 1, columns: layer.outputs)
            layer.multiply(input, into: alone)
            #expect(result.values == alone.values)
        }
    }

    @Test("No row, and a product over an earlier, larger one")
    func sizes() {
        let weights = WeightMatrix(outputs: 2, inputs: 3, format: .float32, values: [1, 2, 3, 4, 5, 6])
        let output = Activations(rows: 9, columns: 2)
        weights.multiply(Activations(rows: 0, columns: 3), into: output)
        #expect(output.rows == 0 && output.values.isEmpty)
        weights.multiply(Activations(rows: 2, columns: 3, values: [1, 0, 0, 0, 1, 1]), into: output)
        #expect(output.values == [1, 4, 5, 11])
    }

    @Test("What is not a number stays so, and only in its own row", arguments: Variant.all)
    func notNumbers(_ variant: Variant) {
        var numbers = Numbers(seed: 13)
        let weights = WeightMatrix(outputs: 33, inputs: 130, format: variant.format, values: numbers.normals(33 * 130))
        var values = numbers.normals(3 * 130)
        values[70] = .nan
        values[130 + 5] = .infinity
        let input = Activations(rows: 3, columns: 130, values: values), output = Activations(rows: 3, columns: 33)
        weights.multiply(input, into: output, instructions: variant.instructions)
        #expect(output[row: 0].allSatisfy { $0.isNaN })
        #expect(output[row: 1].allSatisfy { !$0.isFinite })
        #expect(output[row: 2].allSatisfy { $0.isFinite })
    }
}
