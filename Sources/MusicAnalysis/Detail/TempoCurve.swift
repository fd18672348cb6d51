/// How the tempo moves, from the beats.
enum TempoCurve {
    /// Beats before and after a point that its tempo is taken from.
    private static let reach = 4
    /// A beat's interval is steady within this share of the median.
    private static let tolerance = 0.05

    /// A point at every fourth beat.
    static func points(_ beats: [Double]) -> [MusicFeatures.TempoPoint] {
        guard beats.count > reach else { return [] }
        return stride(from: 0, to: beats.count, by: reach).compactMap { index in
            let (first, last) = (max(0, index - reach), min(beats.count - 1, index + reach))
            guard beats[last] > beats[first] else { return nil }
            let tempo = 60 * Double(last - first) / (beats[last] - beats[first])
            return MusicFeatures.TempoPoint(time: MusicAnalyzer.rounded(beats[index], places: 3), bpm: MusicAnalyzer.rounded(tempo, places: 1))
        }
    }

    /// 0…1: share of the intervals that are within 5 % of their median; nil with fewer than four.
    static func stability(_ beats: [Double]) -> Double? {
        let intervals = zip(beats, beats.dropFirst()).map { $1 - $0 }
        guard intervals.count >= 4 else { return nil }
        let median = intervals.sorted()[intervals.count / 2]
        // Beats are known to a hundredth of a second.
        let steady = intervals.count { abs($0 - median) <= max(tolerance * median, 0.011) }
        return MusicAnalyzer.rounded(Double(steady) / Double(intervals.count), places: 3)
    }
}
