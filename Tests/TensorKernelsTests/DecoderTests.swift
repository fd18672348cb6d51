import Glibc
import TensorKernels
import Testing

/// Against the same arithmetic in double precision, one number at a time.
struct DecoderTests {
    fileprivate struct Shape: CustomTestStringConvertible {
        var queryHeads: Int, heads: Int, dimension: Int
        var testDescription: String { "\(queryHeads)/\(heads) heads of \(dimension)" }
    }

    /// Widths that are and are not whole registers, grouped queries, and more than a tile of columns.
    fileprivate static let shapes = [Shape(queryHeads: 2, heads: 2, dimension: 64), Shape(queryHeads: 6, heads: 2, dimension: 20), Shape(queryHeads: 2, heads: 1, dimension: 128), Shape(queryHeads: 3, heads: 3, dimension: 6),
                                 Shape(queryHeads: 1, heads: 1, dimension: 176)]

    @Test(arguments: InstructionSet.available, shapes)
    fileprivate func attendsToWhatCameBefore(instructions: InstructionSet, shape: Shape) throws {
        for isHalf in [false, true] {
            var numbers = Numbers(seed: 5)
            let width = (shape.queryHeads + 2 * shape.heads) * shape.dimension, outputs = shape.queryHeads * shape.dimension
            let frequencies = (0 ..< shape.dimension / 2).map { Float(pow(100, -Double($0) / Double(shape.dimension / 2))) }
            // A prompt in parts, answers a token at a time, both across the ends of panels.
            let parts = [3, 1, 13, 37, 1, 1, 8, 2]
            let total = parts.reduce(0, +)
            let cache = try #require(KeyValueCache(layers: 2, heads: shape.heads, headDimension: shape.dimension, capacity: total, isHalf: isHalf))
            let angles = RotaryAngles(frequencies: frequencies), scratch = Activations(rows: 0, columns: 16)
            let all = numbers.normals(total * width)
            var first = 0
            for part in parts {
                // One row before these belongs to another sequence.
                let projected = Activations(rows: part + 1, columns: width, values: [Float](repeating: .nan, count: width) + all[first * width ..< (first + part) * width])
                let output = Activations(rows: part + 1, columns: outputs)
                for layer in [1, 0] {
                    projected.write(all[first * width ..< (first + part) * width], atRow: 1)
                    cache.attend(layer: layer, projected: projected, rows: 1 ..< part + 1, queryHeads: shape.queryHeads, angles: angles, into: output, scratch: scratch, instructions: instructions)
                }
                for row in 0 ..< part {
                    let expected = Self.attention(all.map(Double.init), row: first + row, shape, frequencies.map(Double.init))
                    let difference = zip(output[row: row + 1], expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
                    #expect(difference < (isHalf ? 4e-3 : 2e-5), "position \(first + row), half \(isHalf)")
                }
                #expect(output[row: 0].allSatisfy { $0 == 0 })
                cache.advance(by: part)
                first += part
            }
        }
    }

    private static func attention(_ all: [Double], row: Int, _ shape: Shape, _ frequencies: [Double]) -> [Double] {
        let width = (shape.queryHeads + 2 * shape.heads) * shape.dimension, half = shape.dimension / 2
        func vector(_ position: Int, _ index: Int, turned: Bool) -> [Double] {
            let start = position * width + index * shape.dimension, x = Array(all[start ..< start + shape.dimension])
            guard turned else { return x }
            return x.indices.map { i in
                let angle = Double(position) * frequencies[i % half]
                return i < half ? x[i] * cos(angle) - x[i + half] * sin(angle) : x[i] * cos(angle) + x[i - half] * sin(angle)
            }
        }
        return (0 ..< shape.queryHeads).flatMap { head -> [Double] in
            let group = head / (shape.queryHeads / shape.heads), query = vector(row, head, turned: true)
            let scores = (0 ... row).map { position in
                zip(query, vector(position, shape.queryHeads + group, turned: true)).reduce(0) { $0 + $1.0 * $1.1 } / Double(shape.dimension).squareRoot()
            }
            let weights = scores.map { exp($0 - scores.max()!) }, sum = weights.reduce(0, +)
            return (0 ..< shape.dimension).map { column in
                (0 ... row).reduce(0) { $0 + weights[$1] / sum * vector($1, shape.queryHeads + shape.heads + group, turned: false)[column] }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func onlyAskedRowsAreMixedAndTheOthersAreStored(instructions: InstructionSet) throws {
        var numbers = Numbers(seed: 8)
        let values = numbers.normals(20 * 48), angles = RotaryAngles(frequencies: [Float](repeating: 0.1, count: 8)), scratch = Activations(rows: 0, columns: 16)
        func last(asked: Int?) throws -> [Float] {
            let cache = try #require(KeyValueCache(layers: 1, heads: 1, headDimension: 16, capacity: 20, isHalf: false)), output = Activations(rows: 20, columns: 16)
            cache.attend(layer: 0, projected: Activations(rows: 20, columns: 48, values: values), rows: 0 ..< 20, asked: asked, queryHeads: 1, angles: angles, into: output, scratch: scratch, instructions: instructions)
            return Array(output.values.suffix(5 * 16))
        }
        #expect(try last(asked: 5) == last(asked: nil))
    }

    @Test(arguments: InstructionSet.available, [1, 15, 16, 33, 100])
    func rowsAreNormedGatedAndAdded(instructions: InstructionSet, width: Int) {
        var numbers = Numbers(seed: 2)
        let x = Activations(rows: 3, columns: 2 * width, values: numbers.normals(6 * width).map { $0 * 4 }), weights = numbers.normals(2 * width)
        let normed = Activations(rows: 0, columns: 2 * width), gated = Activations(rows: 0, columns: width)
        x.rmsNorm(weights: weights, epsilon: 1e-5, into: normed, instructions: instructions)
        x.gate(into: gated, instructions: instructions)
        for row in 0 ..< 3 {
            let values = x[row: row].map(Double.init), mean = values.reduce(0) { $0 + $1 * $1 } / Double(2 * width)
            for (column, value) in values.enumerated() { #expect(abs(Double(normed[row: row, column: column]) - value / (mean + 1e-5).squareRoot() * Double(weights[column])) < 1e-5) }
            for column in 0 ..< width {
                let expected = values[column] / (1 + exp(-values[column])) * values[width + column]
                #expect(abs(Double(gated[row: row, column: column]) - expected) <= 1e-5 * max(1, abs(expected)))
            }
        }
        let before = x.values, some = Activations(rows: 3, columns: width, values: numbers.normals(3 * width))
        x.add(some, atColumn: width / 2, scales: [2, 0, -1], instructions: instructions)
        for row in 0 ..< 3 {
            for column in 0 ..< 2 * width {
                let added = (width / 2 ..< width / 2 + width).contains(column) ? [2, 0, -1][row] * some[row: row, column: column - width / 2] : 0
                #expect(abs(x[row: row, column: column] - before[row * 2 * width + column] - added) < 1e-5)
            }
        }
    }

    @Test(arguments: InstructionSet.available, [1, 16, 50])
    func sharesAreExponentials(instructions: InstructionSet, width: Int) {
        var numbers = Numbers(seed: 3)
        let scores = numbers.normals(width).map { $0 * 20 }, largest = scores.max()!
        let (values, sum) = Activations(rows: 1, columns: width, values: scores).exponentials(row: 0, scale: 0.5, instructions: instructions)
        #expect(abs(sum - values.reduce(0) { $0 + Double($1) }) < 1e-5 * sum)
        for (value, score) in zip(values, scores) { #expect(abs(Double(value) - exp(Double(score - largest) / 2)) < 1e-6) }
        let row = Activations(rows: 1, columns: width, values: scores)
        #expect(row[row: 0, column: row.largestColumn(row: 0, instructions: instructions)] == largest)
    }
}
