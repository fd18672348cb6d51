/// Rises and drops of the loudness, from the weighted energies of tenths of a second.
struct EnergyArc: Sendable {
    /// Steps that are compared before and after: four seconds.
    private static let reach = 40
    /// Steps that there must be on both sides: two seconds.
    private static let leastReach = 20
    private static let stepsPerSecond = 10
    /// LU.
    private static let leastChange = 3.0
    /// LU: how restless a level is at least taken to be.
    private static let leastUnrest = 1.0
    /// The gate of EBU R128, LUFS: what is quieter counts as this.
    private static let silence = -70.0
    /// LU: changes that differ by less are of one size.
    private static let samePlace = 0.1
    /// A change is put on a downbeat as near as this, seconds.
    private static let snap = 0.3

    func changes(_ steps: [Double], downbeats: [Double]) -> [MusicFeatures.EnergyChange] {
        guard steps.count >= 2 * Self.leastReach else { return [] }
        let sums = steps.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) }
        /// Level of the steps from one to another, LUFS.
        func level(_ first: Int, _ last: Int) -> Double { max(Self.silence, LoudnessMeter.level(max(0, sums[last] - sums[first]) / Double(last - first))) }
        let changes = (0 ... steps.count).map { index -> Double in
            guard index >= Self.leastReach, index <= steps.count - Self.leastReach else { return 0 }
            return level(index, min(steps.count, index + Self.reach)) - level(max(0, index - Self.reach), index)
        }
        let largest = Smoothing.maximum(changes.map { Float(abs($0)) }, reach: Self.reach)
        var found: [MusicFeatures.EnergyChange] = []
        var last = -Self.reach
        for (index, change) in changes.enumerated() where abs(change) >= Self.leastChange && Float(abs(change)) >= largest[index] && index - last >= Self.reach {
            last = index
            let seconds = (max(0, index - Self.reach) ..< min(steps.count, index + Self.reach)).filter { ($0 - index) % Self.stepsPerSecond == 0 }
            let unrest = [seconds.filter { $0 < index }, seconds.filter { $0 >= index }].map { side in
                Spread(side.map { level($0, min($0 + Self.stepsPerSecond, steps.count)) }).deviation
            }.reduce(0, +) / 2
            // Between two notes each place is as good: a rise begins with the first loud one, a drop after the last.
            var place = index
            while change > 0, place + 1 < changes.count, changes[place + 1] >= change - Self.samePlace { place += 1 }
            let time = Double(place) / Double(Self.stepsPerSecond)
            let downbeat = downbeats.min { abs($0 - time) < abs($1 - time) }.flatMap { abs($0 - time) <= Self.snap ? $0 : nil }
            found.append(MusicFeatures.EnergyChange(
                kind: change > 0 ? .rise : .drop, time: MusicAnalyzer.rounded(downbeat ?? time, places: 3), changeLu: MusicAnalyzer.rounded(change, places: 1),
                confidence: MusicAnalyzer.rounded(abs(change) / (abs(change) + 2 * max(unrest, Self.leastUnrest)), places: 3)))
        }
        return found
    }
}
