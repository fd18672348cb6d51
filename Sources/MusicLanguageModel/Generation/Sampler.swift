import TensorKernels

/// Chooses tokens by a model's scores: the same seed chooses the same ones, whatever else is being run.
public struct Sampler: Sendable {
    private let settings: SamplingSettings
    private var state: UInt64

    public init(_ settings: SamplingSettings) {
        self.settings = settings
        state = settings.seed
    }

    /// The next token from a row of scores.
    ///
    /// - Throws: `ModelError.backend` where the scores are no numbers.
    public mutating func next(_ scores: Activations, row: Int) throws(ModelError) -> Int32 {
        let best = scores.largestColumn(row: row)
        guard scores[row: row, column: best].isFinite else {
            throw ModelError(code: .backend, message: "the language model's scores are not numbers: its weights are damaged, or do not belong together")
        }
        guard !settings.isGreedy else { return Int32(best) }
        let (weights, sum) = scores.exponentials(row: row, scale: Float(1 / settings.temperature))
        let point = uniform()
        guard settings.topP < 1 else {
            var rest = point * sum
            for (token, weight) in weights.enumerated() {
                rest -= Double(weight)
                if rest < 0 { return Int32(token) }
            }
            return Int32(best)
        }
        let nucleus = Self.mostProbable(weights, share: settings.topP * sum)
        var rest = point * nucleus.reduce(0) { $0 + Double(weights[$1]) }
        for token in nucleus {
            rest -= Double(weights[token])
            if rest < 0 { return Int32(token) }
        }
        return Int32(nucleus.last ?? best)
    }

    /// The fewest tokens, most probable first, that weigh `share` or more together; equal ones in their order.
    ///
    /// - weights: the largest is 1.
    private static func mostProbable(_ weights: [Float], share: Double) -> [Int] {
        // Only those that can matter are sorted: as many as weigh enough together.
        var threshold: Float = 0.01
        while true {
            let candidates = weights.indices.filter { weights[$0] >= threshold }
            let isAll = threshold == 0 || candidates.count == weights.count
            guard isAll || candidates.reduce(0, { $0 + Double(weights[$1]) }) >= share else {
                threshold = threshold > 1e-12 ? threshold / 100 : 0
                continue
            }
            let sorted = candidates.sorted { (weights[$1], $0) < (weights[$0], $1) }
            var sum = 0.0
            let count = sorted.firstIndex { token in
                sum += Double(weights[token])
                return sum >= share
            }
            return Array(sorted.prefix((count ?? sorted.count - 1) + 1))
        }
    }

    /// 0 up to 1, 53 bits (SplitMix64; Steele et al. 2014).
    private mutating func uniform() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
}
