import CTensorKernels

/// One tensor of a checkpoint, where it lies: nothing is copied until its numbers are asked for.
public struct StoredTensor: Sendable {
    public let name: String
    public let elementType: ElementType
    /// Row-major; empty for a single number.
    public let shape: [Int]
    private let bytes: @Sendable (_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) -> Void

    /// - bytes: lends a range of the tensor's bytes, which has `shape`'s product times the type's width of them.
    package init(name: String, elementType: ElementType, shape: [Int], bytes: @escaping @Sendable (Range<Int>, (UnsafeRawBufferPointer) -> Void) -> Void) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.bytes = bytes
    }

    public var elementCount: Int { shape.reduce(1, *) }
    public var byteCount: Int { elementCount * elementType.width }

    /// Some rows of a matrix in single precision; all dimensions but the first make a row.
    ///
    /// - Returns: row-major, `rows.count × (elementCount / shape[0])` numbers.
    /// - Throws: `CheckpointError.unsupported` for whole numbers.
    public func rows(_ rows: Range<Int>) throws(CheckpointError) -> [Float] {
        guard let count = shape.first, rows.lowerBound >= 0, rows.upperBound <= count else {
            throw CheckpointError(code: .tensorShape, message: "tensor \(name) of shape \(shape) has no rows \(rows)")
        }
        let width = elementCount / max(count, 1)
        return try floats(rows.lowerBound * width ..< rows.upperBound * width)
    }

    /// All numbers in single precision, row-major.
    ///
    /// - Throws: `CheckpointError.unsupported` for whole numbers.
    public func floats() throws(CheckpointError) -> [Float] { try floats(0 ..< elementCount) }

    private func floats(_ range: Range<Int>) throws(CheckpointError) -> [Float] {
        let type = elementType
        guard [.float64, .float32, .float16, .bfloat16].contains(type) else {
            throw CheckpointError(code: .unsupported, message: "tensor \(name) holds \(type.rawValue), not floating-point numbers")
        }
        let lend = bytes
        return [Float](unsafeUninitializedCapacity: range.count) { output, initialized in
            // Invariant: `lend` gives exactly the bytes asked for, range.count numbers; they may be unaligned, so that what C reads is copied first.
            lend(range.lowerBound * type.width ..< range.upperBound * type.width) { raw in
                switch type {
                case .float32: UnsafeMutableRawBufferPointer(output).copyMemory(from: raw)
                case .float64: for index in 0 ..< range.count { output[index] = Float(raw.loadUnaligned(fromByteOffset: index * 8, as: Double.self)) }
                default:
                    let words = [UInt16](unsafeUninitializedCapacity: range.count) { words, count in
                        UnsafeMutableRawBufferPointer(words).copyMemory(from: raw)
                        count = range.count
                    }
                    if type == .float16 { tensor_from_half(words, output.baseAddress, range.count) } else { tensor_from_bfloat(words, output.baseAddress, range.count) }
                }
            }
            initialized = range.count
        }
    }
}
