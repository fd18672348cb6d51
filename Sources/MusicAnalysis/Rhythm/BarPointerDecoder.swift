import Glibc

/// The best sequence of beats, each with its position in the bar, around one tempo: the bar-pointer model (Krebs, Böck &
/// Widmer, ISMIR 2015) in its semi-Markov form.
///
/// Between two beats nothing happens in that model but counting, so a state is a beat at a frame, at a position in the bar,
/// under one of a few tempi, and the frames between are skipped. Tempo drifts from beat to beat at a cost, small enough for
/// rubato; each beat may also come a little early or late.
package struct BarPointerDecoder: Sendable {
    /// Ratio of neighbouring tempi.
    private static let tempoStep = 1.02
    /// Log-likelihood that a change of tempo costs, per unit of |log ratio|; and a beat's displacement, per squared relative error.
    var driftCost: Float = 45
    var displacementCost: Float = 350

    package struct Path: Sendable {
        /// Frames of the beats.
        package var frames: [Int] = []
        /// Position of each in the bar, 0 for the first.
        package var positions: [Int] = []
        /// Log-likelihood against a sequence without beats.
        package var score: Float = -.infinity

        /// The same tempo with the beats halfway between these.
        func shiftedByHalf() -> Path {
            Path(frames: zip(frames, frames.dropFirst()).map { ($0 + $1) / 2 }, positions: Array(positions.dropLast()), score: score)
        }
    }

    package init() {}

    /// - Parameters:
    ///   - rewards: for each position in the bar, a log-likelihood ratio a frame.
    ///   - period: frames a beat, around which the tempo may lie.
    ///   - range: greatest factor between the tempo and `period`.
    package func decode(_ rewards: [[Float]], period: Double, range: Double) -> Path {
        let frameCount = rewards.first?.count ?? 0
        let reach = Int((log(range) / log(Self.tempoStep)).rounded(.up))
        let periods = (-reach ... reach).map { period * pow(Self.tempoStep, Double($0)) }
        guard frameCount > 0, let longest = periods.last, periods[0] >= 4 else { return Path() }
        let (tempi, positions) = (periods.count, rewards.count)
        let lengths = periods.map(allowedLengths)
        let driftStep = driftCost * Float(log(Self.tempoStep))
        // score[(frame · positions + position) · tempi + tempo]: the best sequence that ends in that beat.
        var score = [Float](repeating: -.infinity, count: frameCount * positions * tempi)
        // onward[…]: the same after the change of tempo that follows; which tempo it was before.
        var onward = score
        var before = [Int16](repeating: 0, count: score.count)
        var origin = [Int16](repeating: 0, count: score.count)
        for frame in 0 ..< frameCount {
            for position in 0 ..< positions {
                let previous = (position + positions - 1) % positions
                let base = (frame * positions + position) * tempi
                let reward = rewards[position][frame]
                for tempo in 0 ..< tempi {
                    // The first beat lies anywhere within the first period, at no cost.
                    var value: Float = Double(frame) < periods[tempo] ? 0 : -.infinity
                    var from: Int16 = 0
                    for (length, cost) in lengths[tempo] where frame >= length {
                        let candidate = onward[((frame - length) * positions + previous) * tempi + tempo] - cost
                        if candidate > value { (value, from) = (candidate, Int16(length)) }
                    }
                    score[base + tempo] = value + reward
                    origin[base + tempo] = from
                }
                // The cost of a change grows with its size, so that the best origin of each tempo is found in one sweep up and one down.
                for tempo in 0 ..< tempi {
                    var (value, source) = (score[base + tempo], Int16(tempo))
                    if tempo > 0, onward[base + tempo - 1] - driftStep > value { (value, source) = (onward[base + tempo - 1] - driftStep, before[base + tempo - 1]) }
                    onward[base + tempo] = value
                    before[base + tempo] = source
                }
                for tempo in stride(from: tempi - 2, through: 0, by: -1) where onward[base + tempo + 1] - driftStep > onward[base + tempo] {
                    onward[base + tempo] = onward[base + tempo + 1] - driftStep
                    before[base + tempo] = before[base + tempo + 1]
                }
            }
        }
        // The last beat lies within the last period.
        var (best, place) = (-Float.infinity, -1)
        for frame in max(0, frameCount - Int(longest)) ..< frameCount {
            for index in frame * positions * tempi ..< (frame + 1) * positions * tempi
            where score[index] > best && Double(frameCount - frame) <= periods[index % tempi] { (best, place) = (score[index], index) }
        }
        guard place >= 0 else { return Path() }
        var path = Path(score: best)
        while true {
            let (frame, position) = (place / tempi / positions, place / tempi % positions)
            path.frames.append(frame)
            path.positions.append(position)
            let length = Int(origin[place])
            if length == 0 { break }
            let earlier = ((frame - length) * positions + (position + positions - 1) % positions) * tempi + place % tempi
            place = earlier - place % tempi + Int(before[earlier])
        }
        path.frames.reverse()
        path.positions.reverse()
        return path
    }

    /// Whole frames near a period, each with the cost of its displacement.
    private func allowedLengths(_ period: Double) -> [(length: Int, cost: Float)] {
        let slack = max(1, Int((period * 0.06).rounded()))
        return (-slack ... slack).map { offset in
            let length = Int(period.rounded()) + offset
            let error = Float((Double(length) - period) / period)
            return (length, displacementCost * error * error)
        }
    }
}
