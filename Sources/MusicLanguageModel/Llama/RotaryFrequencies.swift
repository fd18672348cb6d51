import Glibc

extension LlamaConfiguration {
    /// Radians a position for each pair of a head's numbers, as `transformers` computes them (in single precision).
    public var rotaryFrequencies: [Float] {
        (0 ..< headDimension / 2).map { index in
            let frequency = 1 / Float(pow(ropeTheta, Double(Float(2 * index) / Float(headDimension))))
            switch ropeScaling {
            case .none: return frequency
            case .linear(let factor): return frequency / Float(factor)
            case .llama3(let factor, let low, let high, let original):
                let turns = Double(original) * Double(frequency) / (2 * .pi)
                if turns < low { return frequency / Float(factor) }
                if turns > high { return frequency }
                let share = (turns - low) / (high - low)
                return Float((1 - share) * Double(frequency) / factor + share * Double(frequency))
            }
        }
    }
}
