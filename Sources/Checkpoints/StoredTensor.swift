import CTensorKernels

/// One tensor of a checkpoint, where it lies: nothing is copied until its numbers are asked for.
public struct StoredTensor: Sendable {
    /// Lends a range of a tensor's bytes, row-major and little-endian.
    package typealias Lender = @Sendable (_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) throws(CheckpointError) -> Void

    public let name: String
    public let elementType: ElementType
    /// Row-major; empty for a single number.
    public let shape: [Int]
    /// The shape's product; checked against the file by who made the tensor.
    public let elementCount: Int
    private let lend: Lender

    /// - lend: has the shape's product times the type's width of bytes, and gives exactly those asked for, or throws.
    package init(name: String, elementType: ElementType, shape: [Int], lend: @escaping Lender) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        elementCount = shape.reduce(1, *)
        self.lend = lend
    }

    /// The same numbers under another name.
    public func renamed(_ name: String) -> StoredTensor { StoredTensor(name: name, elementType: elementType, shape: shape, lend: lend) }

    public var byteCount: Int { elementCount * elementType.bits / 8 }

    /// Some rows of a matrix in single precision; all dimensions but the first make a row.
    ///
    /// - Returns: row-major, `rows.count × (elementCount / shape[0])` numbers.
    /// - Throws: `CheckpointError.unsupported` for whole numbers and those of 8 bits; `unreadable` when the file has changed.
    public func rows(_ rows: Range<Int>) throws(CheckpointError) -> [Float] {
        guard let count = shape.first, rows.lowerBound >= 0, rows.upperBound <= count else {
            throw CheckpointError(code: .tensorShape, message: "tensor \(name) of shape \(shape) has no rows \(rows)")
        }
        let width = elementCount / max(count, 1)
        return try floats(rows.lowerBound * width ..< rows.upperBound * width)
    }

    /// All numbers in single precision, row-major.
    ///
    /// - Throws: as `rows(_:)`.
    public func floats() throws(CheckpointError) -> [Float] { try floats(0 ..< elementCount) }

    /// All numbers, which must be of this shape.
    ///
    /// - Throws: `CheckpointError.tensorShape` when they are not, and as `rows(_:)`.
    public func floats(shape wanted: [Int]) throws(CheckpointError) -> [Float] {
        guard shape == wanted else { throw CheckpointError(code: .tensorShape, message: "tensor \(name) has the shape \(shape), not \(wanted)") }
        return try floats()
    }

    private func floats(_ range: Range<Int>) throws(CheckpointError) -> [Float] {
        let type = elementType
        guard type.isReadAsFloat else {
            let remedy = type.bits <= 8 && ![.int8, .uint8, .bool].contains(type) ? "; take the checkpoint that is not quantised" : ""
            throw CheckpointError(code: .unsupported, message: "tensor \(name) holds \(type.rawValue), where floating-point numbers of 16 bits or more are needed\(remedy)")
        }
        guard !range.isEmpty else { return [] }
        let width = type.bits / 8
        var failure: CheckpointError?
        let result = [Float](unsafeUninitializedCapacity: range.count) { output, initialized in
            do throws(CheckpointError) {
                // Invariant: `lend` gives exactly the bytes asked for, range.count numbers, or throws.
                try lend(range.lowerBound * width ..< range.upperBound * width) { Self.convert($0, type, into: output, count: range.count) }
                initialized = range.count
            } catch { failure = error }
        }
        if let failure { throw failure }
        return result
    }

    /// - Invariant: `raw` holds `count` numbers of the type, and `output` has room for as many.
    private static func convert(_ raw: UnsafeRawBufferPointer, _ type: ElementType, into output: UnsafeMutableBufferPointer<Float>, count: Int) {
        switch type {
        case .float32: UnsafeMutableRawBufferPointer(output).copyMemory(from: raw)
        case .float64: for index in 0 ..< count { output[index] = Float(raw.loadUnaligned(fromByteOffset: index * 8, as: Double.self)) }
        default:
            // C reads whole words: what is not aligned is copied first.
            withAligned(raw, count: count) { words in
                if type == .float16 { tensor_from_half(words, output.baseAddress, count) } else { tensor_from_bfloat(words, output.baseAddress, count) }
            }
        }
    }

    private static func withAligned(_ raw: UnsafeRawBufferPointer, count: Int, _ body: (UnsafePointer<UInt16>) -> Void) {
        if let base = raw.baseAddress, UInt(bitPattern: base) % 2 == 0 { return raw.withMemoryRebound(to: UInt16.self) { body($0.baseAddress!) } }
        let words = [UInt16](unsafeUninitializedCapacity: count) { words, initialized in
            UnsafeMutableRawBufferPointer(words).copyMemory(from: raw)
            initialized = count
        }
        body(words)
    }
}
