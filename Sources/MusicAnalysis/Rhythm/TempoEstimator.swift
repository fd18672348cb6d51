import Glibc

/// Candidates for the beat from the periodicity, each tracked, and the metrical level decided between them.
struct TempoEstimator: Sendable {
    static let slowest = 48.0
    static let fastest = 216.0
    /// Greatest factor between a candidate and the tempi that its beats may take: less than the step to the next level.
    private static let trackingRange = 1.16

    /// All hypotheses with their scores, the best first.
    func hypotheses(_ activations: BeatActivations, _ harmony: HarmonicRhythm) -> [(hypothesis: TempoHypothesis, score: Float)] {
        let tempogram = Tempogram(activations.beat, frameRate: activations.frameRate)
        let decoder = BeatDecoder()
        return candidates(tempogram, frameRate: activations.frameRate)
            .flatMap { period in
                let path = decoder.decode(activations.beat, period: period, range: Self.trackingRange)
                return [path, path.shiftedByHalf()]
            }
            .compactMap { TempoHypothesis($0, activations, tempogram, harmony) }
            .map { ($0, Self.score($0.evidence)) }
            .sorted { $0.1 > $1.1 }
    }

    /// Periods in frames: the strongest peaks with their halves, doubles, thirds and triples, no two within 6 %.
    private func candidates(_ tempogram: Tempogram, frameRate: Double) -> [Double] {
        let peaks = tempogram.peaks(count: 6)
        let related = peaks.prefix(3).flatMap { peak in [0.5, 2, 2 / 3.0, 1.5, 0.75, 4 / 3.0, 1 / 3.0, 3].map { peak * $0 } }
        let allowed = (60 / Self.fastest * frameRate) ... (60 / Self.slowest * frameRate)
        var result: [Double] = []
        for period in peaks + related where allowed.contains(period) && !result.contains(where: { abs($0 / period - 1) < 0.06 }) {
            result.append(period)
        }
        return result
    }

    /// How credible a metrical level is. Weights were set by hand on music of several kinds; a trained classifier fits the same place.
    static func score(_ evidence: TempoHypothesis.Evidence) -> Float {
        let prior = -0.5 * pow((evidence.octaves - (-0.05)) / 0.55, 2)
        return prior + 2 * evidence.salience + 0.5 * (evidence.onBeat - evidence.onHalf) - evidence.alternation
    }
}
