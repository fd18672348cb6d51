/// How the next token is chosen.
public struct SamplingSettings: Hashable, Sendable, Codable {
    /// 0 takes the most probable token; 1 samples from the model's own distribution; at most 10.
    public var temperature: Double
    /// Samples among the most probable tokens that come to this share together, above 0 to 1 (all).
    public var topP: Double
    /// The same seed gives the same text.
    public var seed: UInt64

    public init(temperature: Double = 0, topP: Double = 1, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
    }

    /// The most probable token every time.
    public static let greedy = SamplingSettings()

    public var isGreedy: Bool { temperature == 0 }

    /// - Throws: `ModelError.request` that names what is out of range.
    public func validate() throws(ModelError) {
        guard (0 ... 10).contains(temperature) else { throw ModelError(code: .request, message: "a temperature of \(temperature): give one from 0 (greedy) to 10") }
        guard topP > 0, topP <= 1 else { throw ModelError(code: .request, message: "a top-p of \(topP): give one above 0, and at most 1 (all tokens)") }
    }
}
