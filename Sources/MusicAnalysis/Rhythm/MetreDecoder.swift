import Glibc

/// Beats and bars together at a known metrical level: the bar-pointer model for each bar length, and the length that fits best.
struct MetreDecoder: Sendable {
    struct Metre: Sendable {
        /// Frames of the beats, to a fraction of a frame.
        var frames: [Double] = []
        /// Indices into the beats.
        var downbeats: [Int] = []
        var beatsPerBar: Int?
        /// 0…1.
        var confidence = 0.0
        /// Log-likelihood a beat of each bar length that was tried.
        var scores: [(beats: Int, score: Float)] = []
        /// Of each beat: the log-likelihood ratios of a bar's first beat and of another, and the harmony's evidence for a first.
        var evidence: [[Float]] = []
    }

    /// Prior log-probability of each bar length, per beat, from training songs: bars of two also fit what has four.
    /// Six are not tried: 6/8 is counted in two dotted beats by its annotators, and of 3,558 training songs and 38 development clips none has bars of six.
    private static let lengths: [(beats: Int, prior: Float)] = [(4, 0), (3, -0.25), (2, -0.75)]

    /// What a beat costs that lies between those of the level.
    private static let strayCost: Float = 3

    /// Log-likelihood that a unit of the harmony's evidence is worth: for the phase of the bars, where drums know better, and
    /// for their length, where they do not.
    private static let phaseWeight: Float = 0.1
    private static let lengthWeight: Float = 1.2

    func decode(_ observations: RhythmObservations, level: MetricalLevel, range: Double) -> Metre {
        let decoder = BarPointerDecoder()
        let period = level.period
        let strays = Self.strayCosts(level, count: observations.frameCount)
        let evidence = Self.spread(BarEvidence(level, observations).beats, level, count: observations.frameCount)
        let results = Self.lengths.compactMap { beats, prior -> (beats: Int, path: BarPointerDecoder.Path, score: Float, prior: Float)? in
            let rewards = observations.rewards(beatsPerBar: beats).enumerated().map { position, reward in
                let weight = position == 0 ? Self.phaseWeight : 0
                return reward.indices.map { reward[$0] - strays[$0] + weight * evidence[$0] }
            }
            let path = decoder.decode(rewards, period: period, range: range)
            guard path.frames.count >= 2 * beats else { return nil }
            let agreement = zip(path.frames, path.positions).reduce(Float(0)) { $0 + ($1.1 == 0 ? evidence[$1.0] : 0) }
            let score = path.score + Self.lengthWeight * agreement
            return (beats, path, score + prior * Float(path.frames.count), prior)
        }
        guard let best = results.max(by: { $0.score < $1.score }) else {
            // Too short for bars: beats alone.
            let path = decoder.decode([zip(observations.beatRatio, strays).map { $0 - $1 }], period: period, range: range)
            return Metre(frames: path.frames.map { MetricalLevel.refined($0, observations.network.beat) })
        }
        let count = Float(best.path.frames.count)
        let total = results.map { exp(6 * ($0.score - best.score) / count) }.reduce(0, +)
        let ratios = observations.rewards(beatsPerBar: 2)
        return Metre(
            frames: best.path.frames.map { MetricalLevel.refined($0, observations.network.beat) },
            downbeats: best.path.positions.indices.filter { best.path.positions[$0] == 0 },
            beatsPerBar: best.beats, confidence: Double(1 / total), scores: results.map { ($0.beats, $0.score / Float($0.path.frames.count) - $0.prior) },
            evidence: best.path.frames.map { [ratios[0][$0], ratios[1][$0], evidence[$0]] })
    }

    /// Each beat's value on the frames around it, 0 between.
    private static func spread(_ values: [Float], _ level: MetricalLevel, count: Int) -> [Float] {
        var result = [Float](repeating: 0, count: count)
        let reach = 0.25 * level.period
        for (beat, value) in zip(level.frames, values) {
            for frame in Int(beat - reach) ... Int(beat + reach) where frame >= 0 && frame < count { result[frame] = value }
        }
        return result
    }

    /// A cost a frame: none near the level's beats and outside them, all of it halfway between two.
    private static func strayCosts(_ level: MetricalLevel, count: Int) -> [Float] {
        var costs = [Float](repeating: 0, count: count)
        for (beat, next) in zip(level.frames, level.frames.dropFirst()) {
            let reach = 0.25 * (next - beat)
            let (first, last) = (Int((beat + reach).rounded(.up)), Int((next - reach).rounded(.down)))
            for frame in stride(from: first, through: last, by: 1) where frame >= 0 && frame < count { costs[frame] = strayCost }
        }
        return costs
    }
}
