import CWeights
import FoundationEssentials

/// Named tensors of a trained model, read from the safetensors format (huggingface.co/docs/safetensors): a length, a header in
/// JSON, the numbers. Every offset is checked against the bytes that are there.
package struct SafetensorsFile: Sendable {
    /// What is wrong with a file; a model that is built into the program has none of it.
    package struct FormatError: Error, CustomStringConvertible {
        package let description: String
    }

    /// The models that are built into the program.
    package enum BuiltIn: String, Sendable {
        case rhythm
        case harmony
    }

    package struct Tensor: Sendable, Equatable {
        package var shape: [Int]
        /// Row-major.
        package var values: [Float]

        /// Two dimensions as they are; one as a single row; more with all but the first made one.
        package var matrix: Matrix {
            let rows = shape.count > 1 ? shape[0] : 1
            return Matrix(rows: rows, columns: rows == 0 ? 0 : values.count / rows, elements: values)
        }
    }

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// A header's value: a tensor's place, or the free text of `__metadata__`.
    private enum HeaderValue: Decodable {
        case tensor(Entry)
        case text

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = (try? container.decode(Entry.self)).map(HeaderValue.tensor) ?? .text
        }
    }

    /// The header is a few kilobytes; more is no model of ours.
    private static let largestHeader = 1 << 20

    private let tensors: [String: Tensor]

    /// - Throws: `FormatError`, which says what does not fit.
    package init(_ bytes: [UInt8]) throws(FormatError) {
        guard bytes.count >= 8 else { throw FormatError(description: "\(bytes.count) bytes are no safetensors file, which begins with 8 for its header's length") }
        let length = (0 ..< 8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
        guard length <= Self.largestHeader, 8 + Int(length) <= bytes.count else {
            throw FormatError(description: "a header of \(length) bytes does not fit into the file's \(bytes.count)")
        }
        let start = 8 + Int(length)
        let header: [String: HeaderValue]
        do {
            header = try JSONDecoder().decode([String: HeaderValue].self, from: Data(bytes[8 ..< start]))
        } catch {
            throw FormatError(description: "the header is not the JSON of a safetensors file: \(error)")
        }
        var result: [String: Tensor] = [:]
        for case (let name, .tensor(let entry)) in header where name != "__metadata__" {
            result[name] = try Self.read(entry, name: name, data: bytes[start...])
        }
        tensors = result
    }

    /// A model that is built into the program.
    package init(_ model: BuiltIn) throws(FormatError) {
        let weights = switch model {
        case .rhythm: mvfleet_rhythm_weights()
        case .harmony: mvfleet_harmony_weights()
        }
        // Invariant: bytes points at `count` constant bytes for as long as the program runs (Sources/CWeights).
        try self.init([UInt8](UnsafeBufferPointer(start: weights.bytes, count: weights.count)))
    }

    package var names: [String] { tensors.keys.sorted() }

    /// - Throws: when it is not there or has not this shape.
    package func tensor(_ name: String, shape: [Int]? = nil) throws(FormatError) -> Tensor {
        guard let tensor = tensors[name] else { throw FormatError(description: "no tensor \(name) in the file; it has \(names.joined(separator: ", "))") }
        if let shape, tensor.shape != shape { throw FormatError(description: "tensor \(name) has the shape \(tensor.shape), not \(shape)") }
        return tensor
    }

    private static func read(_ entry: Entry, name: String, data: ArraySlice<UInt8>) throws(FormatError) -> Tensor {
        let width: Int
        switch entry.dtype {
        case "F16": width = 2
        case "F32": width = 4
        default: throw FormatError(description: "tensor \(name) is of type \(entry.dtype); F16 and F32 are read")
        }
        var count = 1
        for size in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow, product <= data.count else { throw FormatError(description: "tensor \(name) has the impossible shape \(entry.shape)") }
            count = product
        }
        guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0, entry.data_offsets[1] >= entry.data_offsets[0],
              entry.data_offsets[1] <= data.count, entry.data_offsets[1] - entry.data_offsets[0] == count * width else {
            throw FormatError(description: "tensor \(name) of shape \(entry.shape) and type \(entry.dtype) is not at \(entry.data_offsets) of \(data.count) bytes")
        }
        let first = data.startIndex + entry.data_offsets[0]
        let values = (0 ..< count).map { index -> Float in
            let at = first + index * width
            let low = UInt16(data[at]) | UInt16(data[at + 1]) << 8
            if width == 2 { return half(low) }
            return Float(bitPattern: UInt32(low) | UInt32(data[at + 2]) << 16 | UInt32(data[at + 3]) << 24)
        }
        return Tensor(shape: entry.shape, values: values)
    }

    /// IEEE 754 half precision; spelled out, because `Float16` does not exist on every processor.
    private static func half(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let (exponent, fraction) = (UInt32(bits >> 10 & 31), UInt32(bits & 0x3FF))
        if exponent == 0 { return Float(sign: sign == 0 ? .plus : .minus, exponent: -24, significand: Float(fraction)) }
        let wide = exponent == 31 ? 255 : exponent + 112
        return Float(bitPattern: sign | wide << 23 | fraction << 13)
    }
}
