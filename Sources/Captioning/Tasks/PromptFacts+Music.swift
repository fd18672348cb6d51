extension PromptFacts {
    /// Names for what was measured of the music and may be said of it.
    static let musicVocabulary: [String: PromptVocabulary.Kind] = [
        "has_sound": .flag, "tempo": .text, "tempo_words": .text, "metre": .text, "key": .text, "chords": .text, "arc": .text, "loudness": .text,
        "timbre": .text, "density": .text,
    ]

    /// What was measured surely enough to be said, in words; what was not is empty.
    static func music(_ music: MusicFacts) -> PromptFacts {
        let reading = MusicReading(music)
        let tempi = reading.tempi
        var facts = PromptFacts(["has_sound": .flag(music.isAudible)])
        facts["tempo"] = .text(tempi.isEmpty ? "" : tempi.map(RuleCaptioner.whole).joined(separator: " or ") + " BPM")
        facts["tempo_words"] = .text(tempoWords(tempi).joined(separator: ", "))
        facts["metre"] = .text(reading.beatsPerBar.map { Phrase.count($0, "beat") + " to the bar" } ?? "")
        facts["key"] = .text(key(reading))
        facts["chords"] = .text(chords(reading))
        facts["arc"] = .text(arc(reading.arc))
        facts["loudness"] = .text(reading.loudnessWord ?? "")
        facts["timbre"] = .text(timbre(music))
        facts["density"] = .text(density(music))
        return facts
    }

    /// Words that are shown: others pass too, and no text needs more.
    private static let mostTempoWords = 8

    /// Those that the rules would use first.
    private static func tempoWords(_ tempi: [Double]) -> [String] {
        let best = tempi.flatMap(TempoWord.words(for:))
        let others = TempoWord.meanings.filter { meaning in tempi.contains { meaning.range.contains($0) } }.map(\.word)
        return Array((best + others.filter { !best.contains($0) && !$0.contains("-") }).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.prefix(mostTempoWords))
    }

    private static func key(_ reading: MusicReading) -> String {
        switch reading.key {
        case .unknown: ""
        case .sure(let key): RuleCaptioner.prose(key)
        case .likely(let key): RuleCaptioner.prose(key) + " (most likely: hedge it)"
        }
    }

    /// Labels that are shown: a passage of more has no shape that a text could tell.
    private static let mostChords = 12

    private static func chords(_ reading: MusicReading) -> String {
        if let cycle = reading.chordCycle { return cycle.compactMap(reading.prose(ofChord:)).joined(separator: ", ") + " (over and over)" }
        return reading.progression.prefix(mostChords).compactMap(reading.prose(ofChord:)).joined(separator: ", ")
    }

    private static func arc(_ arc: MusicReading.Arc) -> String {
        switch arc {
        case .unknown: ""
        case .steady: "the level stays about the same throughout"
        case .rising: "the level rises towards the end"
        case .falling: "the level falls towards the end"
        case .peakInMiddle: "the level is highest in the middle"
        case .dipInMiddle: "the level dips in the middle"
        }
    }

    // The bounds of the next two are those of the rules; see RuleCaptioner+Music.
    private static func timbre(_ music: MusicFacts) -> String {
        guard music.isAudible, let centroid = music.brightness, centroid.isFinite, centroid > 0 else { return "" }
        let tone = centroid < 1300 ? "dark" : centroid > 2800 ? "bright" : "balanced"
        guard let percussiveness = music.percussiveness?.asShare else { return tone }
        return percussiveness > 0.6 ? tone + ", percussive" : percussiveness < 0.3 ? tone + ", sustained" : tone
    }

    private static func density(_ music: MusicFacts) -> String {
        guard music.isAudible, let rate = music.onsetRate, rate.isFinite, rate >= 0 else { return "" }
        return rate < 1.5 ? "few onsets" : rate > 5 ? "many onsets" : "a steady flow of onsets"
    }
}

extension PromptFacts {
    /// Names for what the catalogue says.
    static let catalogueVocabulary: [String: PromptVocabulary.Kind] = [
        "genres": .data, "tags": .data, "language": .text, "year": .text, "energy": .text, "valence": .text, "danceability": .text,
    ]

    /// Genres and tags are untrusted: anybody may write any.
    static func catalogue(_ source: SourceFacts) -> PromptFacts {
        var facts = PromptFacts([
            "genres": .data(UntrustedText(lines: source.genres, lineLimit: 60, count: 12)),
            "tags": .data(UntrustedText(lines: source.tags, lineLimit: 60, count: 24)),
        ])
        facts["language"] = .text(CatalogueVocabulary.language(of: source) ?? "")
        facts["year"] = .text(source.releaseYear.flatMap { (1000...9999).contains($0) ? String($0) : nil } ?? "")
        facts["energy"] = .text(level(source.energy))
        facts["valence"] = .text(level(source.valence))
        facts["danceability"] = .text(level(source.danceability))
        return facts
    }

    private static func level(_ share: Double?) -> String {
        guard let share = share?.asShare else { return "" }
        return share < 0.35 ? "low" : share > 0.65 ? "high" : "medium"
    }
}
