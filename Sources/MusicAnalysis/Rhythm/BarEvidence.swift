import NumericKernels

/// How much each beat looks like a bar's first by the harmony and the bass alone: what the network is helped by where music
/// sounds like nothing that it was trained on.
struct BarEvidence: Sendable {
    /// A value a beat of the level, about −2…2: standardised harmonic change, low accent and onset strength.
    let beats: [Float]

    init(_ level: MetricalLevel, _ observations: RhythmObservations) {
        let times = level.beatTimes
        let span = level.period / BeatNetwork.frameRate
        let (harmony, onsets) = (observations.harmony, observations.onsets)
        let onsetNear = Smoothing.maximum(onsets.beat, reach: 3)
        let lowNear = Smoothing.maximum(onsets.accent, reach: 3)
        func strengths(_ values: [Float]) -> [Float] { times.map { values[safe: Int(($0 * onsets.frameRate).rounded())] ?? 0 } }
        let short = Self.standardised(times.map { harmony.novelty(at: $0, span: span) })
        let long = Self.standardised(times.map { harmony.novelty(at: $0, span: 2 * span) })
        let changed = Self.standardised(times.map { time in harmony.changes.contains { abs($0 - time) < max(0.1, 0.3 * span) } ? 1 : 0 })
        let accent = Self.standardised(strengths(lowNear))
        let onset = Self.standardised(strengths(onsetNear))
        beats = times.indices.map { 0.35 * short[$0] + 0.25 * long[$0] + 0.35 * changed[$0] + 0.25 * accent[$0] + 0.1 * onset[$0] }
    }

    /// Zero mean, unit variance, cut at ±3.
    private static func standardised(_ values: [Float]) -> [Float] {
        let mean = Reductions.mean(values)
        let deviation = (Reductions.sumOfSquares(values.map { $0 - mean }) / Float(max(1, values.count))).squareRoot()
        return values.map { deviation > 1e-6 ? min(3, max(-3, ($0 - mean) / deviation)) : 0 }
    }
}
