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

    /// How credible a metrical level is, as a log-odds sum.
    ///
    /// Weights: conditional logit over the hypotheses of rendered training songs and the development clips, strongly
    /// regularised and rounded; cross-validation over the clips gives the same scores. What they say: the right level
    /// repeats, has onsets on its beats, few on their thirds, chord changes on beats and about every other beat, and a
    /// tempo that people can tap.
    static func score(_ evidence: TempoHypothesis.Evidence) -> Float {
        let onBeat = max(evidence.onBeat, 0.5)
        let lowOnBeat = max(evidence.lowOnBeat, 0.5)
        let periodicity = 3.9 * evidence.salience + 1.0 * log(onBeat) + 0.45 * log(max(evidence.lowOnBeat, 0.3))
        let subdivision = -0.15 * min(2, evidence.onHalf / onBeat) - 1.8 * min(2, evidence.onThird / onBeat)
            + 0.35 * min(2, evidence.lowOnHalf / lowOnBeat)
        let alternation = 0.4 * evidence.lowAlternation - 0.4 * max(0, evidence.alternation - 0.3)
        let harmony = 3.25 * evidence.changesOnBeat - 0.9 * min(abs(evidence.beatsPerChange - 1), 3)
        let tempo = 1.3 * evidence.octaves - 1.6 * evidence.octaves * evidence.octaves
        return periodicity + subdivision + alternation + harmony + tempo
    }
}
