/// A LLaMA of random weights, made as they are asked for: for measuring, and for tests that ask nothing of the text.
///
/// The same seed gives the same weights: uniform with deviation 0.02, as checkpoints are initialised; norms are all ones.
public struct RandomLlamaTensors: LlamaTensors {
    public let configuration: LlamaConfiguration
    private let seed: UInt64
    private let deviation: Float
    private let adapters: (@Sendable (String) -> LowRankAdapter?)?

    /// - adapters: gives a matrix's adapter by its name.
    public init(_ configuration: LlamaConfiguration, seed: UInt64 = 0, deviation: Float = 0.02, adapters: (@Sendable (String) -> LowRankAdapter?)? = nil) {
        self.configuration = configuration
        self.seed = seed
        self.deviation = deviation
        self.adapters = adapters
    }

    public func rows(_ rows: Range<Int>, of name: String) throws -> [Float] {
        if name.hasSuffix("norm.weight") { return [Float](repeating: 1, count: rows.count) }
        let inputs = name.hasSuffix("o_proj.weight") ? configuration.queryWidth : name.hasSuffix("down_proj.weight") ? configuration.intermediate : configuration.hidden
        // FNV-1a: the same in every process.
        let key = name.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        // Uniform numbers of -1 to 1 deviate by 1/√3.
        let scale = deviation * Float(3).squareRoot() / Float(1 << 31)
        return [Float](unsafeUninitializedCapacity: rows.count * inputs) { numbers, count in
            // Invariant: each place is written once, rows.count × inputs of them.
            for (place, row) in rows.enumerated() {
                var state = (key ^ UInt64(row) &* 0x9e37_79b9_7f4a_7c15) | 1
                for column in 0 ..< inputs {
                    state ^= state << 13
                    state ^= state >> 7
                    state ^= state << 17
                    numbers[place * inputs + column] = Float(Int32(truncatingIfNeeded: state >> 32)) * scale
                }
            }
            count = rows.count * inputs
        }
    }

    public func adapter(of name: String) throws -> LowRankAdapter? { adapters?(name) }
}
