import Glibc

/// The best sequence of beats around one tempo: a bar-pointer model (Krebs, Böck & Widmer, ISMIR 2015) in its semi-Markov form.
///
/// Between two beats nothing happens in that model but counting, so a state is a beat at a frame under one of a few
/// tempi, and the frames between are skipped. Tempo drifts from beat to beat at a cost; each beat may also come a little
/// early or late.
struct BeatDecoder: Sendable {
    /// Step between neighbouring tempi.
    private static let tempoStep = 1.02
    /// Cost of a change of tempo, per unit of |log ratio|, and of a beat's displacement, per squared relative error.
    private let driftCost: Float = 25
    private let displacementCost: Float = 400
    /// Largest tempo change from one beat to the next, in steps.
    private let maximumSteps = 4
    /// A beat without any onset costs this much, one with the strongest onset earns 1 minus it.
    private let beatThreshold: Float = 0.2

    struct Path: Sendable {
        /// Frames of the beats.
        var frames: [Int]
        /// Reward per beat, on average.
        var score: Float

        /// The same tempo with the beats halfway between these.
        func shiftedByHalf() -> Path {
            Path(frames: zip(frames, frames.dropFirst()).map { ($0 + $1) / 2 }, score: score)
        }
    }

    /// - Parameters:
    ///   - activation: 0…1 a frame.
    ///   - period: frames a beat, around which the tempo may lie.
    ///   - range: greatest factor between the tempo and `period`.
    func decode(_ activation: [Float], period: Double, range: Double) -> Path {
        let count = activation.count
        let reach = Int((log(range) / log(Self.tempoStep)).rounded(.up))
        let periods = (-reach ... reach).map { period * pow(Self.tempoStep, Double($0)) }
        guard count > 0, let longest = periods.last, periods[0] >= 4 else { return Path(frames: [], score: 0) }
        let tempi = periods.count
        let lengths = periods.map { period -> [(length: Int, cost: Float)] in
            let slack = max(1, Int(period * 0.06))
            return (-slack ... slack).map { offset in
                let length = Int(period.rounded()) + offset
                let error = Float((Double(length) - period) / period)
                return (length, displacementCost * error * error)
            }
        }
        let steps = (0 ... maximumSteps).map { driftCost * Float(Double($0) * log(Self.tempoStep)) }

        // score[frame · tempi + tempo]: best reward of a sequence whose last beat is at `frame` under `tempo`.
        var score = [Float](repeating: -.infinity, count: count * tempi)
        // best[…]: the same after the tempo change that follows, with where it came from.
        var best = score
        var bestTempo = [Int16](repeating: 0, count: count * tempi)
        var origin = [Int32](repeating: -1, count: count * tempi)
        let firstSpan = Int(longest.rounded())
        for frame in 0 ..< count {
            let reward = activation[frame] - beatThreshold
            for tempo in 0 ..< tempi {
                // The first beat lies anywhere within the first period, at no cost.
                var value: Float = frame < firstSpan && Double(frame) < periods[tempo] ? 0 : -.infinity
                var from: Int32 = -1
                for (length, cost) in lengths[tempo] where frame >= length {
                    let candidate = best[(frame - length) * tempi + tempo] - cost
                    if candidate > value {
                        value = candidate
                        from = Int32(frame - length)
                    }
                }
                score[frame * tempi + tempo] = value + reward
                origin[frame * tempi + tempo] = from
            }
            for tempo in 0 ..< tempi {
                var (value, source) = (-Float.infinity, tempo)
                for other in max(0, tempo - maximumSteps) ... min(tempi - 1, tempo + maximumSteps) {
                    let candidate = score[frame * tempi + other] - steps[abs(other - tempo)]
                    if candidate > value { (value, source) = (candidate, other) }
                }
                best[frame * tempi + tempo] = value
                bestTempo[frame * tempi + tempo] = Int16(source)
            }
        }
        return trace(score, origin, bestTempo, tempi: tempi, count: count, periods: periods)
    }

    /// Back from the best beat of the last period.
    private func trace(_ score: [Float], _ origin: [Int32], _ bestTempo: [Int16], tempi: Int, count: Int, periods: [Double]) -> Path {
        var (value, frame, tempo) = (-Float.infinity, -1, 0)
        for candidate in 0 ..< tempi {
            for last in max(0, count - Int(periods[candidate])) ..< count where score[last * tempi + candidate] > value {
                (value, frame, tempo) = (score[last * tempi + candidate], last, candidate)
            }
        }
        guard value.isFinite else { return Path(frames: [], score: 0) }
        var frames: [Int] = []
        while frame >= 0 {
            frames.append(frame)
            let before = Int(origin[frame * tempi + tempo])
            if before >= 0 { tempo = Int(bestTempo[before * tempi + tempo]) }
            frame = before
        }
        return Path(frames: frames.reversed(), score: value / Float(frames.count))
    }
}
