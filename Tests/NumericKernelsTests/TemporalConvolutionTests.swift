import Foundation
import NumericKernels
import Testing

@Suite struct TemporalConvolutionTests {
    /// A safetensors file of single-precision tensors.
    private static func file(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> SafetensorsFile {
        var (header, data) = ([String](), [UInt8]())
        for tensor in tensors {
            let first = data.count
            for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
            header.append("\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(first),\(data.count)]}")
        }
        let text = Array("{\(header.joined(separator: ","))}".utf8)
        return try SafetensorsFile((0 ..< 8).map { UInt8(text.count >> (8 * $0) & 255) } + text + data)
    }

    @Test func addsTheFramesUnderTheKernel() throws {
        // One input, one output: 1 · the frame two before + 10 · the frame + 100 · the frame two after + ½.
        let layer = try TemporalConvolution(Self.file([("a.weight", [3, 1], [1, 10, 100]), ("a.bias", [1], [0.5])]), "a", inputs: 1, outputs: 1, width: 3, spacing: 2)
        let result = layer(Matrix(rows: 5, columns: 1, elements: [1, 2, 3, 4, 5]), length: 5)
        #expect(result.elements == [310.5, 420.5, 531.5, 42.5, 53.5])
    }

    @Test func sequencesDoNotSeeEachOther() throws {
        let layer = try TemporalConvolution(Self.file([("a.weight", [3, 1], [1, 10, 100]), ("a.bias", [1], [0])]), "a", inputs: 1, outputs: 1, width: 3)
        let result = layer(Matrix(rows: 4, columns: 1, elements: [1, 2, 3, 4]), length: 2)
        #expect(result.elements == [210, 21, 430, 43])
        // Shorter than the kernel reaches.
        #expect(layer(Matrix(rows: 2, columns: 1, elements: [1, 2]), length: 1).elements == [10, 20])
        #expect(layer(Matrix(rows: 0, columns: 1), length: 0).elements.isEmpty)
    }

    @Test func aTensorOfAnotherShapeIsAnErrorThatNamesIt() throws {
        let file = try Self.file([("a.weight", [3, 1], [1, 10, 100]), ("a.bias", [1], [0])])
        #expect { try TemporalConvolution(file, "a", inputs: 2, outputs: 1, width: 3) } throws: { "\($0)".contains("a.weight") }
    }
}
