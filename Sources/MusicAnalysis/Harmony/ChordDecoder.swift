import Glibc
import Numerics

/// The most probable chord sequence: chords last, change on beats rather than between them, and keep to the key.
struct ChordDecoder: Sendable {
    /// Cost of a change of chord between beats, on a beat, and on a downbeat, in log-likelihood.
    var changeCost: Float = 3.0
    var changeCostOnBeat: Float = 1.8
    var changeCostOnDownbeat: Float = 1.4
    /// Log-likelihood a frame that a chord of the key's scale has over one outside it.
    var keyBonus: Float = 0.25

    /// What is decoded, before it is given names.
    struct Path: Sendable {
        /// State of each frame.
        var states: [Int]
        /// 0…1 for each frame: posterior of the frame's label.
        var confidences: [Float]
    }

    func decode(_ likelihoods: Matrix, frameSeconds: Double, beats: [Double], downbeats: [Double], key: MusicalKey?) -> Path {
        let frames = likelihoods.rows
        let states = likelihoods.columns
        guard frames > 0 else { return Path(states: [], confidences: []) }
        let bonus = Self.keyBonuses(key, keyBonus)
        let costs = changeCosts(frames: frames, frameSeconds, beats, downbeats)
        var score = (0 ..< states).map { likelihoods[0, $0] + bonus[$0] }
        var origins = [[Int32]]()
        origins.reserveCapacity(frames)
        origins.append([])
        for frame in 1 ..< max(frames, 1) {
            var best = 0
            for state in 1 ..< states where score[state] > score[best] { best = state }
            let changed = score[best] - costs[frame]
            var origin = [Int32](repeating: 0, count: states)
            for state in 0 ..< states {
                let stays = score[state] >= changed
                origin[state] = Int32(stays ? state : best)
                score[state] = (stays ? score[state] : changed) + likelihoods[frame, state] + bonus[state]
            }
            origins.append(origin)
        }
        var state = score.indices.max { score[$0] < score[$1] } ?? 0
        var path = [Int](repeating: 0, count: frames)
        for frame in stride(from: frames - 1, through: 0, by: -1) {
            path[frame] = state
            if frame > 0 { state = Int(origins[frame][state]) }
        }
        return Path(states: path, confidences: Self.confidences(likelihoods, path))
    }

    /// Segments of equal labels over `0 …< duration`; borders go to a beat within a frame and a half.
    func segments(_ path: Path, frameSeconds: Double, duration: Double, beats: [Double]) -> [ChordSegment] {
        guard !path.states.isEmpty, duration > 0 else {
            return duration > 0 ? [ChordSegment(start: 0, end: duration, label: "N", confidence: 1)] : []
        }
        var result: [ChordSegment] = []
        var first = 0
        while first < path.states.count {
            let label = ChordVocabulary.label(path.states[first])
            var last = first
            while last + 1 < path.states.count, ChordVocabulary.label(path.states[last + 1]) == label { last += 1 }
            let end = last + 1 == path.states.count
                ? duration : min(duration, Self.snapped((Double(last) + 0.5) * frameSeconds, to: beats, within: 1.5 * frameSeconds))
            let start = result.last?.end ?? 0
            let confidence = path.confidences[first ... last].reduce(0, +) / Float(last - first + 1)
            if end > start {
                result.append(ChordSegment(start: start, end: end, label: label, confidence: Double(confidence)))
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

    private static func keyBonuses(_ key: MusicalKey?, _ bonus: Float) -> [Float] {
        guard let key else { return [Float](repeating: 0, count: ChordVocabulary.stateCount) }
        // The natural scale; in minor the raised leading note belongs too (the dominant is major).
        let scale: Set<Int> = key.isMinor ? [0, 2, 3, 5, 7, 8, 10, 11] : [0, 2, 4, 5, 7, 9, 11]
        return ChordVocabulary.chords.map { chord in
            let inside = ChordVocabulary.qualities[chord.quality].intervals.prefix(3).allSatisfy {
                scale.contains((chord.root.number + $0 - key.tonic.number + 24) % 12)
            }
            return inside ? bonus : 0
        } + [0]
    }

    /// The posterior of each frame's label among all labels, likelihoods softened because neighbouring frames agree.
    private static func confidences(_ likelihoods: Matrix, _ path: [Int]) -> [Float] {
        let labels = (0 ..< likelihoods.columns).map(ChordVocabulary.label)
        return path.indices.map { frame in
            let row = Array(likelihoods[row: frame])
            let top = row.max() ?? 0
            var (own, all) = (Float(0), Float(0))
            for (state, value) in row.enumerated() {
                let weight = exp(value - top)
                all += weight
                if labels[state] == labels[path[frame]] { own += weight }
            }
            return own / all
        }
    }

    private static func snapped(_ time: Double, to beats: [Double], within reach: Double) -> Double {
        guard let nearest = beats.min(by: { abs($0 - time) < abs($1 - time) }), abs(nearest - time) <= reach else { return time }
        return nearest
    }
}
