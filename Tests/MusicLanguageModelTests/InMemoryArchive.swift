import Checkpoints

/// Tensors made in a test.
struct InMemoryArchive: TensorArchive {
    var tensors: [String: (shape: [Int], values: [Float])] = [:]

    var names: [String] { tensors.keys.sorted() }

    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let (shape, values) = tensors[name] else { throw CheckpointError(code: .tensorMissing, message: "there is no tensor \(name)") }
        return StoredTensor(name: name, elementType: .float32, shape: shape) { range, body in values.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) } }
    }
}

/// Numbers from −1 to 1, the same in every run (splitmix64).
struct Noise {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Float(Int32(truncatingIfNeeded: (z ^ (z >> 31)) >> 32)) / 0x1p31
    }

    mutating func values(_ count: Int, scale: Float = 1) -> [Float] { (0 ..< count).map { _ in next() * scale } }
}
