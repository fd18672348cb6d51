import TensorKernels

/// Repeatable, roughly normally distributed numbers.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private mutating func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) / Double(1 << 53)
    }

    /// The sum of twelve uniform numbers has a standard deviation of one.
    mutating func normal() -> Float { Float((0 ..< 12).reduce(-6.0) { sum, _ in sum + uniform() }) }

    mutating func normals(_ count: Int) -> [Float] { (0 ..< count).map { _ in normal() } }
}

extension WeightMatrix {
    convenience init(outputs: Int, inputs: Int, format: WeightFormat, values: [Float]) {
        self.init(outputs: outputs, inputs: inputs, format: format) { Array(values[$0.lowerBound * inputs ..< $0.upperBound * inputs]) }
    }
}

extension InstructionSet {
    static var available: [InstructionSet] { allCases.filter(\.isAvailable) }
}
