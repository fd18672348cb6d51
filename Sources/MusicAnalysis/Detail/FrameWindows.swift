/// What a description of frames two seconds apart says of the music, read from the features.
enum FrameWindows {
    static let seconds = 2.0
    /// A frame this near a downbeat is on it.
    private static let nearDownbeat = 0.07
    /// Windows whose energies are nearer to each other are all alike.
    private static let leastRange = 0.05

    static func windows(_ features: MusicFeatures, duration: Double) -> [MusicFeatures.Window] {
        guard duration > 0 else { return [] }
        let starts = Array(stride(from: 0, to: duration, by: seconds))
        let energies = starts.map { energy(features.energy, from: $0) }
        let (least, most) = (energies.min() ?? 0, energies.max() ?? 0)
        return zip(starts, energies).map { start, energy in
            let end = min(start + seconds, duration)
            let place = place(at: start, features)
            let chord = chord(features.chords, from: start, to: end)
            let section = features.sections.lastIndex { $0.start <= start } ?? 0
            return MusicFeatures.Window(
                start: start, end: MusicAnalyzer.rounded(end, places: 3), bar: place?.bar, beat: place?.beat,
                isOnDownbeat: features.downbeats.contains { abs($0 - start) <= nearDownbeat },
                chord: chord?.label ?? "N", chordConfidence: chord?.confidence ?? 0, onsets: features.onsets.count { $0 >= start && $0 < end },
                energy: MusicAnalyzer.rounded(energy, places: 3), energyLevel: level(energy, least: least, most: most),
                section: section + 1, isSectionChange: features.sections.dropFirst().contains { $0.start >= start && $0.start < end })
        }
    }

    /// Mean of the seconds that begin in the window.
    private static func energy(_ perSecond: [Double], from start: Double) -> Double {
        let values = perSecond.dropFirst(Int(start)).prefix(Int(seconds))
        return values.isEmpty ? perSecond.last ?? 0 : values.reduce(0, +) / Double(values.count)
    }

    private static func level(_ energy: Double, least: Double, most: Double) -> MusicFeatures.EnergyLevel {
        guard most - least >= leastRange else { return .even }
        let third = (energy - least) / (most - least) * 3
        return third < 1 ? .low : third < 2 ? .medium : .high
    }

    /// The bar and the beat that sound at a time; a frame just before a beat is on it.
    private static func place(at time: Double, _ features: MusicFeatures) -> (bar: Int, beat: Int)? {
        guard let first = features.downbeats.first else { return nil }
        let time = time + nearDownbeat
        guard let bar = features.downbeats.lastIndex(where: { $0 <= time }) else {
            let ahead = features.beats.count { $0 > time && $0 < first - 0.001 }
            return (0, max(1, (features.beatsPerBar ?? 4) - ahead))
        }
        let start = features.downbeats[bar]
        return (bar + 1, max(1, features.beats.count { $0 >= start - 0.001 && $0 <= time }))
    }

    private static func chord(_ chords: [ChordSegment], from start: Double, to end: Double) -> (label: String, confidence: Double)? {
        var shares: [(label: String, seconds: Double, weighted: Double)] = []
        for chord in chords {
            let overlap = min(chord.end, end) - max(chord.start, start)
            guard overlap > 0 else { continue }
            let index = shares.firstIndex { $0.label == chord.label } ?? shares.count
            if index == shares.count { shares.append((chord.label, 0, 0)) }
            shares[index].seconds += overlap
            shares[index].weighted += overlap * chord.confidence
        }
        return shares.max { $0.seconds < $1.seconds }.map { ($0.label, MusicAnalyzer.rounded($0.weighted / $0.seconds, places: 3)) }
    }
}
