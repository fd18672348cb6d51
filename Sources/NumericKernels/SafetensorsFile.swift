import CWeights
import Checkpoints

/// Named tensors of a small trained model, all in memory in single precision: those that are built into the program, or a file's bytes.
package struct SafetensorsFile: Sendable {
    /// What is wrong with a file; a model that is built into the program has none of it.
    package typealias FormatError = CheckpointError

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

    private let tensors: [String: Tensor]

    /// - Throws: `FormatError`, which says what does not fit.
    package init(_ bytes: [UInt8]) throws(FormatError) { try self.init(bytes, name: "the model") }

    /// A model that is built into the program.
    package init(_ model: BuiltIn) throws(FormatError) {
        let weights = switch model {
        case .rhythm: mvfleet_rhythm_weights()
        case .harmony: mvfleet_harmony_weights()
        }
        // Invariant: bytes points at `count` constant bytes for as long as the program runs (Sources/CWeights).
        try self.init([UInt8](UnsafeBufferPointer(start: weights.bytes, count: weights.count)), name: "the built-in model \(model.rawValue)")
    }

    private init(_ bytes: [UInt8], name: String) throws(FormatError) {
        let archive = try SafetensorsArchive(bytes: bytes, name: name)
        var result: [String: Tensor] = [:]
        for name in archive.names {
            let stored = try archive.tensor(name)
            result[name] = Tensor(shape: stored.shape, values: try stored.floats())
        }
        tensors = result
    }

    package var names: [String] { tensors.keys.sorted() }

    /// - Throws: when it is not there or has not this shape.
    package func tensor(_ name: String, shape: [Int]? = nil) throws(FormatError) -> Tensor {
        guard let tensor = tensors[name] else { throw FormatError(code: .tensorMissing, message: "no tensor \(name) in the file; it has \(names.joined(separator: ", "))") }
        if let shape, tensor.shape != shape { throw FormatError(code: .tensorShape, message: "tensor \(name) has the shape \(tensor.shape), not \(shape)") }
        return tensor
    }
}
