import Glibc

/// The path of least cost through the candidates of each frame, one of which is "unvoiced" (after Luengo et al., ICASSP 2007), with the costs of eGeMAPS.
struct PitchPath: Sendable {
    private static let states = SubharmonicSummation.candidateCount + 1
    private static let unvoiced = SubharmonicSummation.candidateCount
    private static let voicingThreshold = 0.7
    private static let (localWeight, thresholdCost, changeWeight, voicingChangeCost) = (2.0, 4.0, 10.0, 10.0)
    private static let unvoicedCost = 1.0
    private static let impossible = 999.0

    private var costs: [Double] = []
    private var previous: [SubharmonicSummation.Candidate] = []
    /// What openSMILE calls the last change: that of the pair of states which was weighed before this one.
    private var lastChange = 1.0

    /// Hz of each frame, 0 where it is unvoiced; goes on where the frames before ended.
    mutating func decode(_ frames: [[SubharmonicSummation.Candidate]]) -> [Double] {
        var origins: [[Int]] = []
        for frame in frames {
            let candidates = frame + [SubharmonicSummation.Candidate](repeating: .init(frequency: 0, voicing: 0), count: Self.unvoiced - frame.count)
            let local = Self.localCosts(candidates)
            if costs.isEmpty {
                costs = local
                origins.append(Array(0 ..< Self.states))
            } else {
                var (next, from) = (local, [Int](repeating: 0, count: Self.states))
                for state in 0 ..< Self.states {
                    var best = Double.infinity
                    for origin in 0 ..< Self.states {
                        let cost = costs[origin] + change(from: origin, to: state, candidates)
                        if cost < best { (best, from[state]) = (cost, origin) }
                    }
                    next[state] += best
                }
                // Only differences matter; sums over hours would lose them.
                let least = next.min() ?? 0
                costs = next.map { $0 - least }
                origins.append(from)
            }
            previous = candidates
        }
        var state = costs.indices.min { costs[$0] < costs[$1] } ?? Self.unvoiced
        var path = [Double](repeating: 0, count: frames.count)
        for frame in stride(from: frames.count - 1, through: 0, by: -1) {
            path[frame] = state < frames[frame].count ? frames[frame][state].frequency : 0
            state = origins[frame][state]
        }
        return path
    }

    private static func localCosts(_ candidates: [SubharmonicSummation.Candidate]) -> [Double] {
        let voiced = candidates.map { candidate in
            let doubt = candidate.voicing < voicingThreshold ? thresholdCost : 0
            return (-log(min(1, max(0.01, candidate.voicing))) + doubt) * localWeight + frequencyCost(candidate.frequency)
        }
        return voiced + [candidates.contains { $0.voicing >= voicingThreshold } ? localWeight * thresholdCost : 0]
    }

    /// Voices are looked for from 100 to 350 Hz.
    private static func frequencyCost(_ hertz: Double) -> Double {
        switch hertz {
        case ...0: 2
        case ..<100: 1 - hertz / 100
        case ..<350: 0
        case ..<600: (hertz - 350) / 250
        default: 1.2
        }
    }

    private mutating func change(from origin: Int, to state: Int, _ candidates: [SubharmonicSummation.Candidate]) -> Double {
        if origin == Self.unvoiced && state == Self.unvoiced { return Self.unvoicedCost }
        guard origin < Self.unvoiced, state < Self.unvoiced else {
            lastChange = 0
            return Self.voicingChangeCost
        }
        let (before, now) = (previous[origin].frequency, candidates[state].frequency)
        guard before > 0, now > 0 else { return Self.impossible }
        let ratio = log(now / before)
        defer { lastChange = ratio }
        return Self.changeWeight * (abs(ratio) + abs(ratio - lastChange))
    }
}
