extension RuleCaptioner {
    /// What the music is like: pulse, level, timbre and density as measured, genre and figures as the catalogue has them. 15 to 110 words.
    public func musicCaption(_ music: MusicFacts, source: SourceFacts) -> MusicCaption {
        var deck = deck("music caption")
        var sentences: [String] = []
        guard music.isAudible else {
            sentences.append(deck.draw("inaudible", music.isAvailable ? MusicPhrases.silent : MusicPhrases.unavailable))
            sentences += catalogueSentences(source, &deck)
            return MusicCaption(text: sentences.joined(separator: " "), source: .rules)
        }
        let reading = MusicReading(music)
        sentences.append(Phrase.sentence(pulseAndLevel(reading, &deck)))
        sentences += timbreSentences(music, &deck)
        if let density = density(music) { sentences.append(deck.draw("onsets", density)) }
        sentences += catalogueSentences(source, &deck)
        return MusicCaption(text: sentences.joined(separator: " "), source: .rules)
    }

    /// The music caption and after it tempo, metre, key, chords and the course of the energy, as far as each is sure.
    public func unifiedCaption(_ caption: MusicCaption, music: MusicFacts) -> UnifiedCaption {
        let figures = figureSentences(MusicReading(music))
        let text = ([caption.text] + figures).filter { !$0.isEmpty }.joined(separator: " ")
        let source = caption.source == .rules ? CaptionSource.rules : caption.source + "+" + CaptionSource.rules
        return UnifiedCaption(text: text, source: source)
    }

    private func figureSentences(_ reading: MusicReading) -> [String] {
        guard reading.facts.isAudible else { return [] }
        var deck = deck("unified caption")
        var sentences: [String] = []
        let metre = reading.beatsPerBar.map { ["beats": Phrase.number($0)] }
        if let figure = tempoFigure(reading, &deck) {
            let tail = metre.map { ", " + Phrase.fill(deck.draw("metre", MusicPhrases.metre), $0) } ?? ""
            sentences.append(Phrase.sentence(figure + tail))
        } else if let metre {
            sentences.append(Phrase.sentence(deck.draw("metre alone", MusicPhrases.metreAlone), metre))
        }
        if let key = keySentence(reading, &deck) { sentences.append(key) }
        if let chords = chordSentence(reading, &deck) { sentences.append(chords) }
        if let arc = MusicPhrases.arcs[reading.arc], !arc.isEmpty { sentences.append(deck.draw("arc", arc)) }
        return sentences
    }

    private func pulseAndLevel(_ reading: MusicReading, _ deck: inout PhraseDeck) -> String {
        var text: String
        switch reading.tempo {
        case .unknown: text = deck.draw("no tempo", MusicPhrases.noTempoOpening)
        case .sure(let bpm):
            text = Phrase.fill(deck.draw("tempo", MusicPhrases.tempoOpening), ["tempo": deck.draw("tempo word", TempoWord.words(for: bpm))])
        case .either(let bpm, let rival):
            let words = (TempoWord.words(for: bpm)[0], TempoWord.words(for: rival)[0])
            text = words.0 == words.1
                ? Phrase.fill(deck.draw("tempo", MusicPhrases.tempoOpening), ["tempo": words.0])
                : Phrase.fill(deck.draw("two tempi", MusicPhrases.tempoRivalOpening), ["tempo": words.0, "rival": words.1])
        }
        guard let loudness = reading.loudnessWord else { return text }
        text += ", and " + Phrase.fill(deck.draw("loudness", MusicPhrases.loudness), ["loudness": loudness])
        if let range = reading.facts.loudnessRange, range.isFinite, range >= 0 {
            // LU: popular recordings lie between; speech and classical music lie above (EBU Tech 3342).
            if range < 3.5 { text += ", " + deck.draw("dynamics", MusicPhrases.dynamicsNarrow) }
            if range > 11 { text += ", " + deck.draw("dynamics", MusicPhrases.dynamicsWide) }
        }
        return text
    }

    private func timbreSentences(_ music: MusicFacts, _ deck: inout PhraseDeck) -> [String] {
        var text = ""
        if let centroid = music.brightness, centroid.isFinite, centroid > 0 {
            // Hz: mixes of popular music have their mean centroid between these.
            let table = centroid < 1300 ? MusicPhrases.dull : centroid > 2800 ? MusicPhrases.bright : MusicPhrases.balanced
            text = deck.draw("timbre", table)
        }
        guard let percussiveness = music.percussiveness?.asShare, !text.isEmpty else { return text.isEmpty ? [] : [Phrase.sentence(text)] }
        if percussiveness > 0.6 { text += ", " + deck.draw("percussive", MusicPhrases.percussive) }
        if percussiveness < 0.3 { text += ", " + deck.draw("sustained", MusicPhrases.sustained) }
        return [Phrase.sentence(text)]
    }

    private func density(_ music: MusicFacts) -> [String]? {
        guard let rate = music.onsetRate, rate.isFinite, rate >= 0 else { return nil }
        // Onsets a second: one a beat at 90 BPM is 1.5; steady semiquavers at 90 BPM are 6.
        return rate < 1.5 ? MusicPhrases.onsetsSparse : rate > 5 ? MusicPhrases.onsetsDense : MusicPhrases.onsetsSteady
    }

    private func catalogueSentences(_ source: SourceFacts, _ deck: inout PhraseDeck) -> [String] {
        var sentences: [String] = []
        if let genres = citedGenres(source) {
            sentences.append(Phrase.sentence(deck.draw("genre", MusicPhrases.genre), ["genres": genres]))
        }
        let moods = CatalogueVocabulary.moods(of: source)
        if !moods.isEmpty {
            sentences.append(Phrase.sentence(deck.draw("mood", MusicPhrases.mood), ["moods": Phrase.list(moods)]))
        }
        var ratings: [String] = []
        if let valence = source.valence?.asShare {
            let table = valence < 0.35 ? MusicPhrases.valenceLow : valence > 0.65 ? MusicPhrases.valenceHigh : MusicPhrases.valenceMiddle
            ratings.append(deck.draw("valence", table))
        }
        if let danceability = source.danceability?.asShare {
            ratings.append("calls its danceability " + Self.level(danceability))
        }
        if let energy = source.energy?.asShare {
            ratings.append("counts its energy as " + Self.level(energy))
        }
        if !ratings.isEmpty {
            sentences.append(Phrase.sentence(deck.draw("rating", MusicPhrases.rating), ["ratings": Phrase.list(ratings)]))
        }
        return sentences
    }

    private static func level(_ share: Double) -> String {
        share < 0.35 ? "low" : share > 0.65 ? "high" : "medium"
    }

    func citedGenres(_ source: SourceFacts) -> String? {
        var genres = CatalogueVocabulary.genres(of: source)
        if genres.isEmpty { genres = CatalogueVocabulary.genreTags(of: source) }
        return genres.isEmpty ? nil : Phrase.list(genres)
    }

    func tempoFigure(_ reading: MusicReading, _ deck: inout PhraseDeck) -> String? {
        switch reading.tempo {
        case .unknown: nil
        case .sure(let bpm): Phrase.fill(deck.draw("tempo figure", MusicPhrases.tempoFigure), ["bpm": Self.whole(bpm)])
        case .either(let bpm, let rival):
            Phrase.fill(deck.draw("tempo figures", MusicPhrases.tempoRivalFigure), ["bpm": Self.whole(bpm), "rival": Self.whole(rival)])
        }
    }

    func keySentence(_ reading: MusicReading, _ deck: inout PhraseDeck) -> String? {
        switch reading.key {
        case .unknown: nil
        case .sure(let key): Phrase.sentence(deck.draw("key", MusicPhrases.keySure), ["key": Self.prose(key)])
        case .likely(let key): Phrase.sentence(deck.draw("likely key", MusicPhrases.keyLikely), ["key": Self.prose(key)])
        }
    }

    func chordSentence(_ reading: MusicReading, _ deck: inout PhraseDeck) -> String? {
        let labels = reading.chordCycle ?? Array(reading.progression.prefix(4))
        let names = labels.compactMap(reading.prose(ofChord:))
        guard !names.isEmpty else { return nil }
        let table = names.count == 1 ? MusicPhrases.chordSingle : reading.chordCycle != nil ? MusicPhrases.chordCycle : MusicPhrases.chordPath
        return Phrase.sentence(deck.draw("chords", table), ["chords": Phrase.list(names)])
    }

    static func prose(_ key: Tonality) -> String { key.prose() }

    /// Whole beats per minute.
    static func whole(_ bpm: Double) -> String { String(Int(bpm.rounded())) }
}
