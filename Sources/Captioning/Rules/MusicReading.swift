/// What may be said of the music: the facts after their confidence was asked for.
struct MusicReading {
    enum Tempo {
        case unknown
        /// Beats per minute.
        case sure(Double)
        /// The chosen reading and one that is nearly as strong.
        case either(Double, Double)
    }

    enum Key {
        case unknown
        case sure(Tonality)
        case likely(Tonality)
    }

    let facts: MusicFacts

    init(_ facts: MusicFacts) {
        self.facts = facts
    }

    /// Below and above these a figure is a fault of the tracker (BPM).
    private static let plausibleTempo = 20.0...400.0

    var tempo: Tempo {
        guard facts.isAudible, let bpm = facts.tempo, MusicReading.plausibleTempo.contains(bpm), facts.tempoConfidence >= Confidence.tempo else {
            return .unknown
        }
        let rival = facts.tempoAlternatives
            .filter { $0.strength >= Confidence.rivalTempo && MusicReading.plausibleTempo.contains($0.bpm) && abs($0.bpm / bpm - 1) > 0.08 }
            .max { $0.strength < $1.strength }
        return rival.map { .either(bpm, $0.bpm) } ?? .sure(bpm)
    }

    /// All readings that a text may mean, the chosen one first.
    var tempi: [Double] {
        switch tempo {
        case .unknown: []
        case .sure(let bpm): [bpm]
        case .either(let bpm, let rival): [bpm, rival]
        }
    }

    var key: Key {
        guard facts.isAudible, let name = facts.key, let tonality = Tonality(key: name) else { return .unknown }
        if facts.keyConfidence >= Confidence.key { return .sure(tonality) }
        return facts.keyConfidence >= Confidence.likelyKey ? .likely(tonality) : .unknown
    }

    var tonality: Tonality? {
        switch key {
        case .unknown: nil
        case .sure(let tonality), .likely(let tonality): tonality
        }
    }

    /// Beats to the bar, where the metre is sure.
    var beatsPerBar: Int? {
        guard facts.isAudible, facts.metreConfidence >= Confidence.metre, let beats = facts.beatsPerBar, (2...12).contains(beats) else { return nil }
        return beats
    }

    /// The chords that are sure, lasting half a second at least, in order. Shorter ones are passing notes or faults of the tracker.
    var sureChords: [ChordSpan] {
        guard facts.isAudible else { return [] }
        return facts.chords
            .filter { $0.start.isFinite && $0.end.isFinite && $0.end - $0.start >= 0.5 && $0.confidence >= Confidence.chord && Tonality(chord: $0.label) != nil }
            .sorted { ($0.start, $0.end, $0.label) < ($1.start, $1.end, $1.label) }
    }

    /// Their labels with neighbours different.
    var progression: [String] {
        var labels: [String] = []
        for chord in sureChords where chord.label != labels.last { labels.append(chord.label) }
        return labels
    }

    /// The sure chord that sounds at a time (seconds).
    func chord(at time: Double) -> ChordSpan? {
        sureChords.last { $0.start <= time && time < $0.end }
    }

    /// The chord's name in prose, spelt after the key.
    func prose(ofChord label: String) -> String? {
        Tonality(chord: label)?.prose(spelling: tonality?.chordSpelling ?? .usual)
    }
}

extension MusicReading {
    /// How the level moves over the clip.
    enum Arc: Equatable {
        case unknown, steady, rising, falling, peakInMiddle, dipInMiddle
    }

    /// A change of level (dB) that listeners call louder or quieter, between thirds of a clip.
    private static let audibleStep = 2.5

    var arc: Arc {
        let levels = boundedLevels
        guard levels.count >= 6 else { return .unknown }
        let third = levels.count / 3
        func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
        let first = mean(levels[..<third]), middle = mean(levels[third..<(levels.count - third)]), last = mean(levels[(levels.count - third)...])
        let step = MusicReading.audibleStep
        if middle - max(first, last) >= step { return .peakInMiddle }
        if min(first, last) - middle >= step { return .dipInMiddle }
        if last - first >= step { return .rising }
        if first - last >= step { return .falling }
        return .steady
    }

    /// Change of level (dB) at `time` (seconds): the two seconds after it against the two before it; nil where either is not there.
    func levelStep(at time: Double) -> Double? {
        let levels = boundedLevels
        guard time.isFinite, time >= 2, time < 1e6 else { return nil }
        let second = Int(time)
        guard second >= 2, second + 2 <= levels.count else { return nil }
        return (levels[second] + levels[second + 1] - levels[second - 1] - levels[second - 2]) / 2
    }

    /// dB, silence kept from weighing more than a very quiet passage does.
    private var boundedLevels: [Double] {
        facts.isAudible ? facts.energyArc.map { $0.isNaN ? -60 : min(max($0, -60), 0) } : []
    }

    var loudnessWord: String? {
        guard facts.isAudible, let lufs = facts.integratedLoudness, lufs.isFinite else { return nil }
        switch lufs {
        case ..<(-32): return "very quiet"
        case ..<(-21): return "quiet"
        case ..<(-15): return "moderately loud"
        case ..<(-8.5): return "loud"
        default: return "very loud"
        }
    }

    /// The sequence of two to four chords that the progression keeps repeating, if it does.
    var chordCycle: [String]? {
        let labels = progression
        for period in 2...4 where labels.count >= 2 * period {
            let pairs = labels.count - period
            let repeats = (0..<pairs).count { labels[$0] == labels[$0 + period] }
            if Double(repeats) >= 0.85 * Double(pairs) { return Array(labels[..<period]) }
        }
        return nil
    }
}
