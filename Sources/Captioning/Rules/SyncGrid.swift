/// Beats, bars and chords as a grid that pictures and cuts are held against.
struct SyncGrid {
    private let reading: MusicReading
    private let beats: [Double]
    private let downbeats: [Double]
    private let beatsPerBar: Int?
    /// The slack with which the picture on screen at a time is found.
    private static let millisecond = 0.001

    init(_ reading: MusicReading) {
        self.reading = reading
        beatsPerBar = reading.beatsPerBar
        if case .unknown = reading.tempo { beats = [] } else { beats = reading.facts.beats.filter(\.isFinite).sorted() }
        downbeats = beatsPerBar == nil || beats.isEmpty ? [] : reading.facts.downbeats.filter(\.isFinite).sorted()
    }

    /// Where the picture at `time` stands, and the last of `cuts` after `previous` up to it. All in seconds; `previous` is nil for the first frame.
    func point(at time: Double, previous: Double?, cuts: [Double]) -> SyncPoint {
        var point = SyncPoint(onBeat: isOn(beats, time), onDownbeat: isOn(downbeats, time), chord: reading.chord(at: time)?.label)
        (point.bar, point.beat) = position(at: time)
        if let previous, let cut = cuts.last(where: { $0 > previous && $0 <= time + SyncGrid.millisecond }) {
            point.cut = cut.thousandths
            point.cutOnBeat = isOn(beats, cut)
            point.cutOnDownbeat = isOn(downbeats, cut)
        }
        return point
    }

    var hasBeats: Bool { !beats.isEmpty }
    var hasDownbeats: Bool { !downbeats.isEmpty }

    func isOnDownbeat(_ time: Double) -> Bool { isOn(downbeats, time) }
    func isOnBeat(_ time: Double) -> Bool { isOn(beats, time) }

    private func isOn(_ times: [Double], _ time: Double) -> Bool {
        let after = firstIndex(of: times, notBefore: time - Confidence.syncTolerance)
        return after < times.count && times[after] <= time + Confidence.syncTolerance
    }

    private func position(at time: Double) -> (bar: Int?, beat: Int?) {
        guard let beatsPerBar else { return (nil, nil) }
        let reach = time + Confidence.syncTolerance
        let bar = firstIndex(of: downbeats, notBefore: reach.nextUp)
        guard bar > 0 else { return (nil, nil) }
        // A downbeat and its beat are one event that two estimates may put some milliseconds apart.
        let first = firstIndex(of: beats, notBefore: downbeats[bar - 1] - Confidence.syncTolerance)
        let beat = firstIndex(of: beats, notBefore: reach.nextUp) - first
        // Past the last bar there is nothing to count from.
        return (1...beatsPerBar).contains(beat) ? (bar, beat) : bar < downbeats.count ? (bar, nil) : (nil, nil)
    }

    /// Binary search: the first element that is at least `bound`.
    private func firstIndex(of times: [Double], notBefore bound: Double) -> Int {
        var low = 0, high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
