import Glibc
import NumericKernels

/// The most probable chord sequence: chords last, change on beats rather than between them, and follow each other as they do in the key.
struct ChordDecoder: Sendable {
    /// Cost of a change of chord between beats, on a beat, and on a downbeat, in log-likelihood.
    /// Tuned with the others by cross-validation in the training songs; half or double the values change the result by 0.003.
    var changeCost: Float = 3.0
    var changeCostOnBeat: Float = 1.0
    var changeCostOnDownbeat: Float = 0.5
    /// Neighbouring frames say the same again: their log-probabilities count this much each.
    var sharpness: Float = 0.3
    /// Weight of the transitions' log-probabilities, and the log-probability that costs nothing: that of one of 24 chords.
    var transitionWeight: Float = 0.4
    var neutralTransition: Float = -log(24)

    /// What is decoded, before it is given names.
    struct Path: Sendable {
        /// State of each frame.
        var states: [Int]
        /// 0…1 for each frame: how probable its label is.
        var confidences: [Float]
    }

    /// - Parameter transitions: from × to, log-probabilities of changes in the key; nil where the key is not known.
    func decode(_ likelihoods: Matrix, frameSeconds: Double, beats: [Double], downbeats: [Double], transitions: Matrix?) -> Path {
        let (frames, states) = (likelihoods.rows, likelihoods.columns)
        guard frames > 0 else { return Path(states: [], confidences: []) }
        let costs = changeCosts(frames: frames, frameSeconds, beats, downbeats)
        // to × from, so that the best origin of a state is found along a row.
        let bonuses = transitions.map { $0.transposed().mapElements { transitionWeight * ($0 - neutralTransition) } }
        var score = likelihoods[row: 0].map { sharpness * $0 }
        var origins = [UInt8](repeating: 0, count: frames * states)
        for frame in 1 ..< max(frames, 1) {
            let changed = Self.changes(score, bonuses)
            for state in 0 ..< states {
                let change = changed[state].score - costs[frame]
                let stays = score[state] >= change
                origins[frame * states + state] = UInt8(stays ? state : changed[state].origin)
                score[state] = (stays ? score[state] : change) + sharpness * likelihoods[frame, state]
            }
        }
        var state = score.indices.max { score[$0] < score[$1] } ?? 0
        var path = [Int](repeating: 0, count: frames)
        for frame in stride(from: frames - 1, through: 0, by: -1) {
            path[frame] = state
            if frame > 0 { state = Int(origins[frame * states + state]) }
        }
        return Path(states: path, confidences: path.indices.map { min(1, exp(likelihoods[$0, path[$0]])) })
    }

    /// The best way into each state from another.
    private static func changes(_ score: [Float], _ bonuses: Matrix?) -> [(score: Float, origin: Int)] {
        guard let bonuses else {
            let best = score.indices.max { score[$0] < score[$1] } ?? 0
            return score.map { _ in (score[best], best) }
        }
        return bonuses.elements.withUnsafeBufferPointer { bonuses in
            score.withUnsafeBufferPointer { score in
                // Invariant: the matrix has states × states elements.
                score.indices.map { state in
                    let row = state * score.count
                    var best: (score: Float, origin: Int) = (score[0] + bonuses[row], 0)
                    for origin in 1 ..< score.count {
                        let value = score[origin] + bonuses[row + origin]
                        if value > best.score { best = (value, origin) }
                    }
                    return best
                }
            }
        }
    }

    /// Segments of equal labels over `0 …< duration`; borders go to a beat within a frame and a half.
    func segments(_ path: Path, frameSeconds: Double, duration: Double, beats: [Double]) -> [ChordSegment] {
        guard !path.states.isEmpty, duration > 0 else {
            return duration > 0 ? [ChordSegment(start: 0, end: duration, label: "N", confidence: 1)] : []
        }
        var result: [ChordSegment] = []
        var first = 0
        while first < path.states.count {
            var last = first
            while last + 1 < path.states.count, path.states[last + 1] == path.states[first] { last += 1 }
            let end = last + 1 == path.states.count
                ? duration : min(duration, Self.snapped((Double(last) + 0.5) * frameSeconds, to: beats, within: 1.5 * frameSeconds))
            let start = result.last?.end ?? 0
            let confidence = path.confidences[first ... last].reduce(0, +) / Float(last - first + 1)
            if end > start {
                result.append(ChordSegment(start: start, end: end, label: ChordVocabulary.label(path.states[first]), confidence: Double(confidence)))
            }
            first = last + 1
        }
        return result
    }

    private func changeCosts(frames: Int, _ frameSeconds: Double, _ beats: [Double], _ downbeats: [Double]) -> [Float] {
        var costs = [Float](repeating: changeCost, count: frames)
        for (times, cost) in [(beats, changeCostOnBeat), (downbeats, changeCostOnDownbeat)] {
            for time in times {
                // The border before frame f is at (f − ½) frames.
                let frame = Int((time / frameSeconds + 0.5).rounded())
                if costs.indices.contains(frame) { costs[frame] = cost }
            }
        }
        return costs
    }

    private static func snapped(_ time: Double, to beats: [Double], within reach: Double) -> Double {
        guard let nearest = beats.min(by: { abs($0 - time) < abs($1 - time) }), abs(nearest - time) <= reach else { return time }
        return nearest
    }
}
