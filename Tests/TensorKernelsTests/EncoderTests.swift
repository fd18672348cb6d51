import Glibc
import TensorKernels
import Testing

/// Beside the definitions in double precision; widths that are no multiple of any register's.
struct EncoderTests {
    private static func noise(_ count: Int, _ seed: UInt64, scale: Float = 1) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0 ..< count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31 * scale
        }
    }

    private static let instructions = InstructionSet.allCases.filter(\.isAvailable)

    @Test(arguments: [1, 3, 16, 47, 64, 100], Self.instructions)
    func layerNormFollowsItsDefinition(columns: Int, instructions: InstructionSet) {
        let rows = 5, values = Self.noise(rows * columns, 1, scale: 3).map { $0 + 2 }
        let sumBias = Self.noise(columns, 3), weight = Self.noise(columns, 4), bias = Self.noise(columns, 5)
        let sum = Activations(rows: rows, columns: columns, values: values), output = Activations(rows: 0, columns: columns), again = Activations(rows: 0, columns: columns)
        sum.add(bias: sumBias, thenNormalise: weight, bias, epsilon: 1e-3, into: output, instructions: instructions)
        sum.normalise(weight: weight, bias: bias, epsilon: 1e-3, into: again, instructions: instructions)
        #expect(output.values == again.values)
        for row in 0 ..< rows {
            let expected = (0 ..< columns).map { Double(values[row * columns + $0]) + Double(sumBias[$0]) }
            let mean = expected.reduce(0, +) / Double(columns), variance = expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            for column in 0 ..< columns {
                #expect(abs(Double(sum[row: row][column]) - expected[column]) < 1e-6)
                #expect(abs(Double(output[row: row][column]) - ((expected[column] - mean) / (variance + 1e-3).squareRoot() * Double(weight[column]) + Double(bias[column]))) < 2e-5)
            }
        }
        sum.normalise(weight: weight, bias: bias, epsilon: 1e-3, into: sum, instructions: instructions)
        #expect(sum.values == again.values)
        sum.add(bias: sumBias, instructions: instructions)
        #expect(sum.values == again.values.enumerated().map { $1 + sumBias[$0 % columns] })
    }

    @Test(arguments: Self.instructions)
    func geluIsTheExactOne(instructions: InstructionSet) {
        let columns = 1_003, values = (0 ..< columns).map { Float($0) / 50 - 10 }
        let activations = Activations(rows: 2, columns: columns, values: values + values)
        activations.applyGELU(bias: [Float](repeating: 0.01, count: columns), instructions: instructions)
        for (index, value) in values.enumerated() {
            let x = Double(value) + 0.01, expected = 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
            #expect(abs(Double(activations[row: 0][index]) - expected) < 2e-6)
        }
        #expect(activations[row: 0] == activations[row: 1])
        let extremes = Activations(rows: 1, columns: 3, values: [-1e30, 1e30, 0])
        extremes.applyGELU(bias: [0, 0, 0], instructions: instructions)
        #expect(extremes.values == [0, 1e30, 0])
    }

    @Test(arguments: [(1, 1, 1), (7, 3, 20), (64, 2, 16), (230, 2, 64), (33, 1, 130)], Self.instructions)
    func attentionFollowsItsDefinition(sizes: (tokens: Int, heads: Int, headWidth: Int), instructions: InstructionSet) {
        let (tokens, heads, headWidth) = sizes
        let width = heads * headWidth, sequences = 2
        let queries = Self.noise(sequences * tokens * width, 1, scale: 4), keysValues = Self.noise(sequences * tokens * 2 * width, 2, scale: 2)
        let queryBias = Self.noise(width, 3), keyValueBias = Self.noise(2 * width, 4), extraKey = Self.noise(width, 5), extraValue = Self.noise(width, 6)
        let attention = EncoderAttention(tokens: tokens, heads: heads, headWidth: headWidth, instructions: instructions), output = Activations(rows: 0, columns: width)
        func attend(_ rows: Int, _ queries: [Float]) {
            attention.attend(
                queries: Activations(rows: rows, columns: width, values: queries), bias: queryBias,
                keysAndValues: Activations(rows: sequences * tokens, columns: 2 * width, values: keysValues), bias: keyValueBias, extraKey: extraKey, extraValue: extraValue, into: output)
        }
        attend(sequences * tokens, queries)
        let all = output.values
        for sequence in 0 ..< sequences {
            for query in stride(from: 0, to: tokens, by: 5) {
                for head in 0 ..< heads {
                    let columns = head * headWidth ..< (head + 1) * headWidth
                    func number(_ token: Int, _ column: Int) -> Double {
                        Double(keysValues[(sequence * tokens + token) * 2 * width + column]) + Double(keyValueBias[column])
                    }
                    let weights = (0 ... tokens).map { token in
                        exp(columns.reduce(0.0) { sum, column in
                            let query = Double(queries[(sequence * tokens + query) * width + column]) + Double(queryBias[column])
                            return sum + query * (token == tokens ? Double(extraKey[column]) : number(token, column))
                        } / Double(headWidth).squareRoot())
                    }
                    let total = weights.reduce(0, +)
                    for column in columns {
                        let expected = (0 ... tokens).reduce(0.0) { $0 + weights[$1] / total * ($1 == tokens ? Double(extraValue[column]) : number($1, width + column)) }
                        #expect(abs(Double(all[(sequence * tokens + query) * width + column]) - expected) < 1e-5)
                    }
                }
            }
        }
        // The first query of each sequence alone gives what it gives among all.
        attend(sequences, (0 ..< sequences).flatMap { queries[$0 * tokens * width ..< ($0 * tokens + 1) * width] })
        for sequence in 0 ..< sequences { #expect(output[row: sequence] == Array(all[sequence * tokens * width ..< (sequence * tokens + 1) * width])) }
    }

    @Test func greatScoresDoNotOverflow() {
        let attention = EncoderAttention(tokens: 3, heads: 1, headWidth: 1), output = Activations(rows: 0, columns: 1)
        attention.attend(
            queries: Activations(rows: 3, columns: 1, values: [1e18, -1e18, 0]), bias: [0], keysAndValues: Activations(rows: 3, columns: 2, values: [1e18, 1, -1e18, 2, 0, 3]),
            bias: [0, 0], extraKey: [0], extraValue: [4], into: output)
        #expect(output.values == [1, 2, 2.5])
    }

    @Test func patchesAreLaidOutRowAfterRow() {
        let image = (0 ..< 20).map(Float.init), patches = Activations(rows: 5, columns: 4)
        patches.fill(fromRow: 1, patchesOf: image[...], rows: 4, columns: 5, patchRows: 2, patchColumns: 2, stride: 2)
        #expect(patches[row: 1] == [0, 1, 5, 6] && patches[row: 2] == [2, 3, 7, 8] && patches[row: 3] == [10, 11, 15, 16] && patches[row: 4] == [12, 13, 17, 18])
    }
}
