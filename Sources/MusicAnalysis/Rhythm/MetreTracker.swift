import Glibc
import Numerics

/// Which beats begin bars, and how many beats a bar has.
struct MetreTracker: Sendable {
    struct Metre: Sendable {
        var beatsPerBar: Int
        /// Indices into the beats.
        var downbeats: [Int]
        /// 0…1.
        var confidence: Double
    }

    /// Prior log-probability of the bar lengths, times the number of bars it is worth.
    private static let lengths: [(beats: Int, prior: Float)] = [(4, 0), (3, -0.12), (2, -0.35)]
    /// Cost of a bar cut short or restarted.
    private let breakCost: Float = 5

    func track(beats: [Int], _ activations: BeatActivations, _ harmony: HarmonicRhythm) -> Metre? {
        guard beats.count >= 4 else { return nil }
        let evidence = downbeatEvidence(beats, activations, harmony)
        let results = Self.lengths.filter { beats.count >= 2 * $0.beats }.map { length, prior in
            let path = decode(evidence, beatsPerBar: length)
            return (length: length, downbeats: path.downbeats, score: path.score / Float(beats.count) + prior)
        }
        guard let best = results.max(by: { $0.score < $1.score }) else { return nil }
        let total = results.map { exp(6 * ($0.score - best.score)) }.reduce(0, +)
        return Metre(beatsPerBar: best.length, downbeats: best.downbeats, confidence: Double(1 / total))
    }

    /// For each beat, how much it looks like a bar's first: standardised sum of harmonic change, low accent and onset strength.
    private func downbeatEvidence(_ beats: [Int], _ activations: BeatActivations, _ harmony: HarmonicRhythm) -> [Float] {
        let rate = activations.frameRate
        let times = beats.map { Double($0) / rate }
        let span = times.count > 1 ? (times[times.count - 1] - times[0]) / Double(times.count - 1) : 0.5
        let beatNear = Smoothing.maximum(activations.beat, reach: 3)
        let lowNear = Smoothing.maximum(activations.accent, reach: 3)
        let short = Self.standardised(times.map { harmony.novelty(at: $0, span: span) })
        let long = Self.standardised(times.map { harmony.novelty(at: $0, span: 2 * span) })
        let changed = Self.standardised(times.map { time in harmony.changes.contains { abs($0 - time) < max(0.1, 0.3 * span) } ? 1 : 0 })
        let accent = Self.standardised(beats.map { lowNear[safe: $0] ?? 0 })
        let onset = Self.standardised(beats.map { beatNear[safe: $0] ?? 0 })
        return times.indices.map { 0.35 * short[$0] + 0.25 * long[$0] + 0.35 * changed[$0] + 0.25 * accent[$0] + 0.1 * onset[$0] }
    }

    /// Viterbi over the position in the bar: the evidence is earned on first beats and paid, in equal parts, on the others.
    private func decode(_ evidence: [Float], beatsPerBar: Int) -> (downbeats: [Int], score: Float) {
        var score = [Float](repeating: 0, count: beatsPerBar)
        var origins: [[Int]] = []
        for value in evidence {
            let best = score.indices.max { score[$0] < score[$1] } ?? 0
            var next = [Float](repeating: 0, count: beatsPerBar)
            var origin = [Int](repeating: 0, count: beatsPerBar)
            for position in 0 ..< beatsPerBar {
                let before = (position + beatsPerBar - 1) % beatsPerBar
                let breaks = score[best] - breakCost > score[before]
                origin[position] = breaks ? best : before
                let reward = position == 0 ? value : -value / Float(beatsPerBar - 1)
                next[position] = (breaks ? score[best] - breakCost : score[before]) + reward
            }
            score = next
            origins.append(origin)
        }
        var position = score.indices.max { score[$0] < score[$1] } ?? 0
        let total = score[position]
        var downbeats: [Int] = []
        for beat in stride(from: evidence.count - 1, through: 0, by: -1) {
            if position == 0 { downbeats.append(beat) }
            position = origins[beat][position]
        }
        return (downbeats.reversed(), total)
    }

    /// Zero mean, unit variance, cut at ±3.
    private static func standardised(_ values: [Float]) -> [Float] {
        let mean = Reductions.mean(values)
        let deviation = (Reductions.sumOfSquares(values.map { $0 - mean }) / Float(max(1, values.count))).squareRoot()
        return values.map { deviation > 1e-6 ? min(3, max(-3, ($0 - mean) / deviation)) : 0 }
    }
}
