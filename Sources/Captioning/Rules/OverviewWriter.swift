/// Writes the overview: form and look of the video, then the music, then how the two meet. 60 to 120 words.
struct OverviewWriter {
    static let words = 60...120

    let visual: VisualFacts
    let frames: [FrameReading]
    let reading: MusicReading
    let grid: SyncGrid
    let genres: String?
    let lyrics: LyricsUnderstanding
    let types: MVTypes
    var deck: PhraseDeck

    /// The sentences that must stand come first; the others follow in the order of their use while there is room.
    mutating func write() -> String {
        var text = ([form(), editing(), music()].compactMap { $0 }).joined(separator: " ")
        let optional = [light(), sync(), lyricsSentence(), harmony(), arc(), type(), jump()].compactMap { $0 }
        for sentence in optional + deck.order("fillers", OverviewPhrases.fillers) {
            let words = Words.count(text)
            let isFiller = OverviewPhrases.fillers.contains(sentence)
            if words + Words.count(sentence) <= Self.words.upperBound, !isFiller || words < Self.words.lowerBound { text += " " + sentence }
        }
        return text
    }

    private var shots: Int { visual.cuts.count + 1 }

    private mutating func form() -> String {
        guard !frames.isEmpty else { return deck.draw("no frames", OverviewPhrases.noFrames) }
        let tone = FrameReading.tone(visual.brightnessMean)
        var colours = FrameReading.leading(visual.palette)
        if colours.count == 1 { colours = [colours[0] + " tones"] }
        let seconds = visual.duration.isFinite && (1...100_000).contains(visual.duration) ? Int(visual.duration.rounded()) : 1
        let slots = [
            "seconds": String(seconds), "shots": Phrase.count(shots, "shot"), "tone": deck.draw("tone", FramePhrases.tone[tone] ?? []),
            "colours": colours.isEmpty ? "assorted tones" : Phrase.list(colours),
        ]
        let table = visual.isStatic ? OverviewPhrases.still : shots > 1 ? OverviewPhrases.manyShots : OverviewPhrases.oneShot
        return Phrase.sentence(deck.draw("form", table), slots)
    }

    private mutating func editing() -> String? {
        guard !frames.isEmpty else { return nil }
        let motion = FrameReading.motion(visual.motionMean)
        guard shots > 1, !visual.isStatic, let length = visual.averageShotLength, length.isFinite else {
            return deck.draw("motion", OverviewPhrases.motionAlone[motion] ?? [])
        }
        // Seconds: music videos cut every two to three on average, films every four to six.
        let table = length < 2.5 ? OverviewPhrases.editingQuick : length < 7 ? OverviewPhrases.editingMedium : OverviewPhrases.editingLong
        return deck.draw("editing", table) + ", " + deck.draw("motion", OverviewPhrases.motionWithEditing[motion] ?? [])
    }

    private mutating func music() -> String {
        guard reading.facts.isAvailable else { return deck.draw("no sound", OverviewPhrases.noSound) }
        guard !reading.facts.isSilent else { return deck.draw("silent", OverviewPhrases.silent) }
        var sounds: String
        switch reading.tempo {
        case .unknown: sounds = deck.draw("no pulse", OverviewPhrases.noPulse)
        case .sure(let bpm):
            sounds = Phrase.fill(deck.draw("tempo", OverviewPhrases.tempo), ["tempo": deck.draw("tempo word", TempoWord.words(for: bpm)), "bpm": RuleCaptioner.whole(bpm)])
        case .either(let bpm, let rival):
            sounds = Phrase.fill(deck.draw("tempi", OverviewPhrases.tempoRival), ["bpm": RuleCaptioner.whole(bpm), "rival": RuleCaptioner.whole(rival)])
        }
        switch reading.key {
        case .unknown: break
        case .sure(let key):
            let table = reading.tempi.isEmpty ? OverviewPhrases.keyWithoutTempo : OverviewPhrases.key
            sounds += Phrase.fill(deck.draw("key", table), ["key": RuleCaptioner.prose(key)])
        case .likely(let key): sounds += Phrase.fill(deck.draw("likely key", OverviewPhrases.keyLikely), ["key": RuleCaptioner.prose(key)])
        }
        let table = genres == nil ? OverviewPhrases.noGenre : OverviewPhrases.genre
        return Phrase.sentence(deck.draw("music", table), ["genres": genres ?? "", "sounds": sounds])
    }

    private mutating func light() -> String? {
        guard frames.count >= 6 else { return nil }
        let third = frames.count / 3
        func mean(_ part: ArraySlice<FrameReading>) -> Double { part.reduce(0) { $0 + $1.facts.brightness } / Double(part.count) }
        let change = mean(frames[(frames.count - third)...]) - mean(frames[..<third])
        guard change.isFinite else { return nil }
        let table = change >= 0.1 ? OverviewPhrases.lightRises : change <= -0.1 ? OverviewPhrases.lightFalls : OverviewPhrases.lightHolds
        return deck.draw("light", table)
    }

    private mutating func jump() -> String? {
        guard frames.count >= 3, shots > 1 else { return nil }
        let steps = zip(frames.dropFirst(), frames).map { (distance: FrameReading.distance($0, $1), frame: $0.facts.index) }
        guard let widest = steps.max(by: { ($0.distance, $1.frame) < ($1.distance, $0.frame) }), widest.distance > 0.5 else { return nil }
        return Phrase.fill(deck.draw("jump", OverviewPhrases.widestJump), ["frame": String(widest.frame)])
    }

    private mutating func sync() -> String? {
        let count = visual.cuts.count { grid.isOnDownbeat($0) }
        guard count > 0, !visual.cuts.isEmpty else { return nil }
        if count == visual.cuts.count, count >= 2 { return deck.draw("all cuts", OverviewPhrases.allCuts) }
        guard visual.cuts.count >= 2 else { return "The one cut lands on a downbeat." }
        let slots = ["cuts": Phrase.count(visual.cuts.count, "cut"), "count": Phrase.number(count) + (count == 1 ? " lands" : " land")]
        return Phrase.fill(deck.draw("some cuts", OverviewPhrases.someCuts), slots)
    }

    /// A text of a model is taken over where it is short enough to leave room for the rest; the lyrics themselves never are.
    private func lyricsSentence() -> String? {
        guard lyrics.status == .ok, let text = lyrics.text, (3...40).contains(Words.count(text)) else { return nil }
        return Phrase.sentence(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    private mutating func harmony() -> String? {
        let names = (reading.chordCycle ?? Array(reading.progression.prefix(4))).compactMap(reading.prose(ofChord:))
        guard names.count >= 2 else { return nil }
        let table = reading.chordCycle == nil ? MusicPhrases.chordPath : MusicPhrases.chordCycle
        return Phrase.sentence(deck.draw("chords", table), ["chords": Phrase.list(names)])
    }

    private mutating func arc() -> String? {
        guard let table = MusicPhrases.musicArcs[reading.arc], !table.isEmpty else { return nil }
        return deck.draw("arc", table)
    }

    private mutating func type() -> String? {
        guard let first = types.types.first, first.confidence >= Confidence.mvType else { return nil }
        return Phrase.fill(deck.draw("type", OverviewPhrases.mvType), ["type": first.name.rawValue])
    }
}
