import Glibc
import NumericKernels

/// One reading of the beat: a tempo, the beats and bars at it, and what speaks for it.
package struct MetricalLevel: Sendable {
    /// What is known of a level, in the order of `evidence`.
    package enum Evidence: Int, CaseIterable, Sendable {
        /// The network's beat probability on the beats, halfway between them, and on their thirds.
        case beat, half, third, twoThirds
        /// Share of all beat probability that lies on the beats.
        case mass
        /// Log-likelihood of the beats a second.
        case likelihood
        case salience
        /// The network's log-probability of the tempo; the same less that of its likeliest.
        case tempo, tempoBelowBest
        /// log2 of the tempo over 100 BPM.
        case octaves, octavesSquared
        /// Onset strength against its mean: on the beats (logarithm), halfway, on the thirds; that of the lowest register.
        case onset, onsetHalf, onsetThird, low, lowHalf
        /// How much stronger every other beat is: in onsets, in the lowest register, to the network.
        case alternation, lowAlternation, netAlternation
        case changesOnBeat
        /// log2 of beats between chord changes, of onsets a beat.
        case beatsPerChange, onsetsPerBeat
        /// How well bars of two, three and four beats fit.
        case bar2, bar3, bar4
        case jitter
    }

    /// Frames of the beats, 50 a second, to a fraction of a frame.
    let frames: [Double]
    /// Frames a beat, the median interval.
    let period: Double
    /// One value a case of `Evidence`.
    package let evidence: [Float]
    subscript(_ kind: Evidence) -> Float { evidence[kind.rawValue] }

    /// The bars that fit best.
    let bars: BarTracker.Bars

    package var tempo: Double { 60 * BeatNetwork.frameRate / period }
    /// Seconds of the beats.
    package var beatTimes: [Double] { frames.map { $0 / BeatNetwork.frameRate } }

    /// Nil when fewer than four beats fit.
    init?(_ path: BarPointerDecoder.Path, _ observations: RhythmObservations) {
        guard path.frames.count >= 4 else { return nil }
        let beat = observations.network.beat
        let frames = path.frames.map { Self.refined($0, beat) }
        self.frames = frames
        let period = Self.period(of: frames)
        self.period = period
        bars = BarTracker().track(beats: path.frames, observations.network)
        let tempo = 60 * BeatNetwork.frameRate / period
        let net = Strength(beat, perFrame: 1, reach: 1)
        let onset = Strength(observations.onsets.beat, perFrame: 2, reach: 2)
        let low = Strength(observations.onsets.accent, perFrame: 2, reach: 2)
        let on = frames
        func between(_ fraction: Double) -> [Double] { zip(on, on.dropFirst()).map { $0 + fraction * ($1 - $0) } }
        let (half, third, twoThirds) = (between(0.5), between(1 / 3.0), between(2 / 3.0))
        var near = [Bool](repeating: false, count: beat.count)
        for frame in path.frames {
            for index in max(0, frame - 2) ... min(beat.count - 1, frame + 2) { near[index] = true }
        }
        let captured = beat.indices.reduce(Float(0)) { $0 + (near[$1] ? beat[$1] : 0) } / max(Reductions.sum(beat), 1e-6)
        let octaves = Float(log2(tempo / 100))
        let intervals = zip(on, on.dropFirst()).map { $1 - $0 }
        let differences = zip(intervals, intervals.dropFirst()).map { abs($1 - $0) / period }
        let changes = observations.harmony.changes
        let beats = observations.duration * BeatNetwork.frameRate / period
        let mean = net.mean(on)
        let best = observations.network.tempo.max() ?? 0
        let values: [Float] = [
            mean, net.mean(half), net.mean(third), net.mean(twoThirds), captured, path.frames.reduce(Float(0)) { $0 + observations.beatRatio[$1] } / Float(max(observations.duration, 1)),
            observations.tempogram.salience(period: period), max(-8, observations.tempoLogProbability(tempo)),
            max(-8, observations.tempoLogProbability(tempo) - best), octaves, octaves * octaves,
            log(max(onset.relative(on), 0.2)), onset.relative(half), onset.relative(third), log(max(low.relative(on), 0.2)), low.relative(half),
            onset.alternation(on), low.alternation(on), net.alternation(on),
            Self.changesOnBeat(changes, frames, period: period), Float(log2(beats / Double(max(1, changes.count)))),
            Float(log2(max(0.2, observations.onsetRate * 60 / tempo))),
            bars.scores[2] ?? 0, bars.scores[3] ?? 0, bars.scores[4] ?? 0,
            Float(differences.reduce(0, +) / Double(max(1, differences.count))),
        ]
        evidence = values.map { min(10, max(-10, $0)) }
    }

    /// A peak's place between frames: the vertex of the parabola through it and its neighbours.
    static func refined(_ frame: Int, _ activation: [Float]) -> Double {
        guard frame > 0, frame + 1 < activation.count else { return Double(frame) }
        let (before, now, after) = (activation[frame - 1], activation[frame], activation[frame + 1])
        let curvature = before - 2 * now + after
        guard curvature < -1e-4 else { return Double(frame) }
        return Double(frame) + Double(min(0.5, max(-0.5, 0.5 * (before - after) / curvature)))
    }

    /// Median interval, refined: the mean of the intervals within 8 % of the median.
    static func period(of frames: [Double]) -> Double {
        let intervals = zip(frames, frames.dropFirst()).map { $1 - $0 }.sorted()
        let median = intervals[intervals.count / 2]
        let near = intervals.filter { abs($0 - median) <= 0.08 * median }
        return near.reduce(0, +) / Double(near.count)
    }

    /// Share of chord changes that fall on a beat, less what chance would give.
    private static func changesOnBeat(_ changes: [Double], _ frames: [Double], period: Double) -> Float {
        guard !changes.isEmpty else { return 0 }
        // Chord borders are known to a frame of the long spectrum, about 0.1 s.
        let reach = 0.1 * BeatNetwork.frameRate
        let hits = changes.count { change in frames.contains { abs($0 - change * BeatNetwork.frameRate) <= reach } }
        return Float(Double(hits) / Double(changes.count) - min(1, 2 * reach / period))
    }

    /// The strength of an activation near given frames.
    private struct Strength {
        let values: [Float]
        let scale: Float
        /// Its frames to one of the network's.
        let perFrame: Double

        init(_ activation: [Float], perFrame: Double, reach: Int) {
            values = Smoothing.maximum(activation, reach: reach)
            scale = 1 / max(Reductions.mean(values), 1e-6)
            self.perFrame = perFrame
        }

        private func strengths(_ frames: [Double]) -> [Float] { frames.map { values[safe: Int(($0 * perFrame).rounded())] ?? 0 } }
        func mean(_ frames: [Double]) -> Float { Reductions.mean(strengths(frames)) }
        /// In units of the mean over all frames.
        func relative(_ frames: [Double]) -> Float { mean(frames) * scale }

        /// How much stronger every other one is: 0 for equal ones, 1 where every other is silent.
        func alternation(_ frames: [Double]) -> Float {
            let all = strengths(frames)
            let even = Reductions.mean(all.indices.filter { $0 % 2 == 0 }.map { all[$0] })
            let odd = Reductions.mean(all.indices.filter { $0 % 2 == 1 }.map { all[$0] })
            return abs(even - odd) / max(even + odd, 1e-6)
        }
    }
}
