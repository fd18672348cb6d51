import Glibc

/// Candidates for the beat from the periodicity and the network, each tracked, and the metrical level decided between them.
struct TempoEstimator: Sendable {
    static let slowest = 44.0
    static let fastest = 216.0
    /// Greatest factor between a candidate and the tempi that its beats may take: less than the step to the next level.
    private static let trackingRange = 1.16

    /// Even onsets up to this tempo are taken for the beats.
    private static let fastestEven = 170.0
    private static let halvedCost: Float = 6

    let model: RhythmModel

    /// All levels with their log-odds, the likeliest first.
    func levels(_ observations: RhythmObservations) -> [(level: MetricalLevel, score: Float)] {
        let decoder = BarPointerDecoder()
        let levels = candidates(observations)
            .flatMap { period in
                // The off-beat may be the louder one.
                let path = decoder.decode([observations.beatRatio], period: period, range: Self.trackingRange)
                return [path, path.shiftedByHalf()]
            }
            .compactMap { MetricalLevel($0, observations) }
        return levels.map { ($0, model.score($0) - (Self.isHalved($0, levels) ? Self.halvedCost : 0)) }.sorted { $0.1 > $1.1 }
    }

    /// Whether a level skips every other one of onsets that come evenly with nothing between them: those are the beats then, for
    /// people tap along with each (a metronome, chords struck on the beat).
    private static func isHalved(_ level: MetricalLevel, _ levels: [MetricalLevel]) -> Bool {
        levels.contains { other in
            abs(other.tempo / level.tempo - 2) < 0.08 && other.tempo < fastestEven && abs(other[.onsetsPerBeat]) < 0.03
                && other[.onsetHalf] < 0.02 * exp(other[.onset]) && other[.alternation] < 0.3
        }
    }

    /// Periods in frames: the strongest peaks with their halves, doubles, thirds and triples, no two within 6 %.
    private func candidates(_ observations: RhythmObservations) -> [Double] {
        let heard = observations.likelyTempi(count: 3).map { 60 / $0 * observations.frameRate }
        let peaks = observations.tempogram.peaks(count: 4)
        let related = (heard.prefix(1) + peaks.prefix(2)).flatMap { peak in [0.5, 2, 2 / 3.0, 1.5, 1 / 3.0, 3].map { peak * $0 } }
        let allowed = (60 / Self.fastest * observations.frameRate) ... (60 / Self.slowest * observations.frameRate)
        var result: [Double] = []
        for period in peaks + heard + related where allowed.contains(period) && !result.contains(where: { abs($0 / period - 1) < 0.06 }) {
            result.append(period)
        }
        return result
    }
}
