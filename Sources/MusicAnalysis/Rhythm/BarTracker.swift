import Glibc

/// Which of given beats begin bars, for each bar length: a quick look, on beats alone, before the bar-pointer model decodes both.
struct BarTracker: Sendable {
    struct Bars: Sendable {
        var beatsPerBar = 4
        /// Log-likelihood a beat for 2, 3 and 4 beats a bar, over that of no bars.
        var scores: [Int: Float] = [:]
    }

    /// Log-likelihood of a bar cut short or restarted.
    private let breakCost: Float = 5

    func track(beats: [Int], _ network: BeatNetwork.Output) -> Bars {
        let near = Smoothing.maximum(network.downbeat, reach: 2)
        let strengths = Smoothing.maximum(network.beat, reach: 2)
        // Log-odds that a beat is a bar's first.
        let evidence = beats.map { frame -> Float in
            let probability = min(0.97, max(0.03, near[frame] / max(strengths[frame], 0.05)))
            return log(probability / (1 - probability))
        }
        var bars = Bars()
        for length in [2, 3, 4] where beats.count >= 2 * length { bars.scores[length] = score(evidence, length: length) / Float(beats.count) }
        bars.beatsPerBar = bars.scores.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 4
        return bars
    }

    /// Viterbi over the position in the bar: the log-odds are earned on first beats; a first beat has the prior odds of its bar length.
    private func score(_ evidence: [Float], length: Int) -> Float {
        let prior = log(Float(length - 1))
        var score = [Float](repeating: 0, count: length)
        for value in evidence {
            let restart = (score.max() ?? 0) - breakCost
            score = (0 ..< length).map { position in
                let before = max(score[(position + length - 1) % length], restart)
                return before + (position == 0 ? value + prior : -(value + prior) / Float(length - 1) * 0.5)
            }
        }
        return score.max() ?? 0
    }
}
