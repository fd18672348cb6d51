import Glibc
import Numerics

/// One reading of the beat: a tempo, the beats at it, and what speaks for it.
struct TempoHypothesis: Sendable {
    /// Evidence for and against a metrical level, each about −1…1.
    struct Evidence: Sendable {
        /// Onset strength on the beats; halfway between them; on their thirds. In units of the mean over all frames.
        var onBeat: Float = 0
        var onHalf: Float = 0
        var onThird: Float = 0
        /// The same of the lowest register.
        var lowOnBeat: Float = 0
        var lowOnHalf: Float = 0
        /// How much stronger every other beat is: 0 for equal beats, 1 where every other beat is silent.
        var alternation: Float = 0
        var lowAlternation: Float = 0
        /// Autocorrelation at the period and its multiples.
        var salience: Float = 0
        /// log2 of the tempo over 100 BPM.
        var octaves: Float = 0
        /// log2 of beats between chord changes.
        var beatsPerChange: Float = 0
        /// Share of chord changes that fall on a beat, less what chance would give.
        var changesOnBeat: Float = 0
        /// Mean relative difference of neighbouring intervals.
        var jitter: Float = 0
    }

    /// Frames a beat, the median interval.
    let period: Double
    let frames: [Int]
    let evidence: Evidence
    func tempo(frameRate: Double) -> Double { 60 * frameRate / period }

    /// Nil when fewer than three beats fit.
    init?(_ path: BeatDecoder.Path, _ activations: BeatActivations, _ tempogram: Tempogram, _ harmony: HarmonicRhythm) {
        guard path.frames.count >= 3 else { return nil }
        let frames = path.frames
        let period = Self.period(of: frames)
        var evidence = Evidence()
        let beat = Strength(activations.beat)
        let low = Strength(activations.accent)
        let pairs = zip(frames, frames.dropFirst())
        func between(_ fraction: Double) -> [Int] { pairs.map { Int((Double($0) + fraction * Double($1 - $0)).rounded()) } }
        evidence.onBeat = beat.mean(frames)
        evidence.onHalf = beat.mean(between(0.5))
        evidence.onThird = 0.5 * (beat.mean(between(1 / 3.0)) + beat.mean(between(2 / 3.0)))
        evidence.lowOnBeat = low.mean(frames)
        evidence.lowOnHalf = low.mean(between(0.5))
        evidence.alternation = beat.alternation(frames)
        evidence.lowAlternation = low.alternation(frames)
        evidence.salience = tempogram.salience(period: period)
        evidence.octaves = Float(log2(60 * activations.frameRate / period / 100))
        let seconds = Double(activations.beat.count) / activations.frameRate
        let beats = seconds * activations.frameRate / period
        evidence.beatsPerChange = Float(log2(beats / Double(max(1, harmony.changes.count))))
        evidence.changesOnBeat = Self.changesOnBeat(harmony.changes, frames, frameRate: activations.frameRate, period: period)
        let intervals = pairs.map { Double($1 - $0) }
        let differences = zip(intervals, intervals.dropFirst()).map { abs($1 - $0) / period }
        evidence.jitter = Float(differences.reduce(0, +) / Double(max(1, differences.count)))
        self.frames = frames
        self.period = period
        self.evidence = evidence
    }

    /// Median interval, refined: the mean of the intervals within 8 % of the median.
    static func period(of frames: [Int]) -> Double {
        let intervals = zip(frames, frames.dropFirst()).map { Double($1 - $0) }.sorted()
        let median = intervals[intervals.count / 2]
        let near = intervals.filter { abs($0 - median) <= 0.08 * median }
        return near.reduce(0, +) / Double(near.count)
    }

    private static func changesOnBeat(_ changes: [Double], _ frames: [Int], frameRate: Double, period: Double) -> Float {
        guard !changes.isEmpty else { return 0 }
        // Chord borders are known to a frame of the long spectrum, about 0.1 s.
        let reach = 0.1
        let hits = changes.count { change in frames.contains { abs(Double($0) / frameRate - change) <= reach } }
        let chance = min(1, 2 * reach * frameRate / period)
        return Float(Double(hits) / Double(changes.count) - chance)
    }

    /// Onset strength near a frame, relative to its mean over the clip.
    private struct Strength {
        let values: [Float]
        let scale: Float

        init(_ activation: [Float]) {
            values = Smoothing.maximum(activation, reach: 2)
            scale = 1 / max(Reductions.mean(values), 1e-6)
        }

        func mean(_ frames: [Int]) -> Float {
            Reductions.mean(frames.map { values[safe: $0] ?? 0 }) * scale
        }

        func alternation(_ frames: [Int]) -> Float {
            let strengths = frames.map { values[safe: $0] ?? 0 }
            let even = Reductions.mean(strengths.indices.filter { $0 % 2 == 0 }.map { strengths[$0] })
            let odd = Reductions.mean(strengths.indices.filter { $0 % 2 == 1 }.map { strengths[$0] })
            return abs(even - odd) / max(even + odd, 1e-6)
        }
    }
}
