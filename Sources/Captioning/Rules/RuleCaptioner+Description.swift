extension RuleCaptioner {
    /// The overview and the frame-by-frame breakdown. Each frame's text is its caption and, where the music does something at it, a sentence
    /// about that; 12 to 40 words.
    ///
    /// - Parameters:
    ///   - frames: captions by rules or by a model; a frame without one is left out.
    ///   - visual: the facts that the captions were written from: times and cuts are taken from here.
    public func description(frames captions: FrameCaptions, visual: VisualFacts, unified: UnifiedCaption, lyrics: LyricsUnderstanding, types: MVTypes,
                            music: MusicFacts, source: SourceFacts = SourceFacts()) -> MVDescription {
        let reading = MusicReading(music)
        let grid = SyncGrid(reading)
        let facts = Array(visual.frames.prefix(15))
        var overview = OverviewWriter(visual: visual, frames: facts.map(FrameReading.init), reading: reading, grid: grid, genres: citedGenres(source),
                                      lyrics: lyrics, types: types, deck: deck("overview"))
        return MVDescription(
            overview: overview.write(),
            frames: describedFrames(captions, facts: facts, visual: visual, reading: reading, grid: grid),
            mvTypes: types.types.map(\.name),
            music: figures(reading, unified: unified, lyrics: lyrics, source: source),
            provenance: MVDescription.Provenance(
                source: .rules, version: Self.version,
                inputs: ["frame-captions": captions.source, "unified-caption": unified.source, "lyrics": lyrics.source, "mv-type": types.source],
                mvTypeEvidence: types.types, limitations: limitations(reading, lyrics: lyrics, types: types, frames: facts.count, visual: visual)))
    }

    private func describedFrames(_ captions: FrameCaptions, facts: [FrameFacts], visual: VisualFacts, reading: MusicReading, grid: SyncGrid) -> [MVDescription.Frame] {
        var deck = deck("description")
        var frames: [MVDescription.Frame] = []
        var lastChord: String?
        var quiet = 0
        for (place, fact) in facts.enumerated() {
            guard let caption = captions.frames.first(where: { $0.index == fact.index }) else { continue }
            let next = place + 1 < facts.count ? facts[place + 1].time : max(visual.duration, fact.time)
            let sync = grid.point(at: fact.time, previous: place > 0 ? facts[place - 1].time : nil, cuts: visual.cuts)
            var text = caption.caption
            if let sentence = musicSentence(sync, at: fact.time, lastChord: lastChord, quiet: quiet, reading: reading, &deck),
               Words.count(text) + Words.count(sentence) <= DescriptionChecks.frameWords.upperBound {
                text += " " + sentence
                quiet = 0
            } else {
                quiet += 1
            }
            lastChord = sync.chord ?? lastChord
            frames.append(MVDescription.Frame(index: fact.index, start: fact.time.thousandths ?? 0, end: next.thousandths ?? 0, title: caption.title,
                                              description: text, sync: sync))
        }
        return frames
    }

    /// The one thing of the music that is worth a sentence at this picture, if there is one: a cut in time with it, a change of level, a downbeat,
    /// a new chord (that one not in frame after frame).
    private func musicSentence(_ sync: SyncPoint, at time: Double, lastChord: String?, quiet: Int, reading: MusicReading, _ deck: inout PhraseDeck) -> String? {
        if sync.cutOnDownbeat { return deck.draw("cut on downbeat", FramePhrases.cutOnDownbeat) }
        // dB over four seconds; less is not heard as a change at a picture.
        if let step = reading.levelStep(at: time), abs(step) >= 4 {
            return deck.draw("level \(step > 0)", step > 0 ? FramePhrases.louder : FramePhrases.quieter)
        }
        if sync.onDownbeat, let bar = sync.bar {
            return Phrase.fill(deck.draw("on downbeat", FramePhrases.onDownbeat), ["bar": Phrase.number(bar)])
        }
        if sync.cutOnBeat { return deck.draw("cut on beat", FramePhrases.cutOnBeat) }
        if quiet >= 1, let chord = sync.chord, chord != lastChord, let name = reading.prose(ofChord: chord) {
            return Phrase.sentence(deck.draw("chord", FramePhrases.newChord), ["chord": name])
        }
        return nil
    }

    private func figures(_ reading: MusicReading, unified: UnifiedCaption, lyrics: LyricsUnderstanding, source: SourceFacts) -> MVDescription.Music {
        let facts = reading.facts
        let tempi = reading.tempi
        var genres = CatalogueVocabulary.genres(of: source)
        if genres.isEmpty { genres = CatalogueVocabulary.genreTags(of: source) }
        return MVDescription.Music(
            isAvailable: facts.isAvailable, isSilent: facts.isSilent, tempo: tempi.first?.thousandths,
            tempoConfidence: facts.tempoConfidence.asShare?.thousandths ?? 0, tempoAlternative: tempi.dropFirst().first?.thousandths,
            beatsPerBar: reading.beatsPerBar, key: reading.tonality == nil ? nil : facts.key, keyConfidence: facts.keyConfidence.asShare?.thousandths ?? 0,
            chords: Array(reading.progression.prefix(64)), integratedLoudness: facts.isAudible ? facts.integratedLoudness?.thousandths : nil,
            genres: genres, caption: unified.text, lyricsStatus: lyrics.status, lyrics: lyrics.text)
    }

    private func limitations(_ reading: MusicReading, lyrics: LyricsUnderstanding, types: MVTypes, frames: Int, visual: VisualFacts) -> [String] {
        var limitations: [String] = []
        let facts = reading.facts
        if !facts.isAvailable { limitations.append("no sound: nothing is said of the music") }
        if facts.isAvailable, facts.isSilent { limitations.append("the sound is silent") }
        if facts.isAudible {
            if case .unknown = reading.tempo { limitations.append("no tempo: none was measured with a confidence of \(Confidence.tempo) or more") }
            if reading.beatsPerBar == nil { limitations.append("no bars: no metre was measured with a confidence of \(Confidence.metre) or more") }
            if reading.tonality == nil { limitations.append("no key: none was measured with a confidence of \(Confidence.likelyKey) or more") }
            if reading.sureChords.isEmpty { limitations.append("no chords: none was measured with a confidence of \(Confidence.chord) or more") }
        }
        if frames < 15 { limitations.append("\(frames) of 15 frames: the video is shorter than 30 seconds or could be read no further") }
        if lyrics.status == .unavailable { limitations.append("lyrics: \(lyrics.reason)") }
        if let first = types.types.first, first.confidence < Confidence.mvType { limitations.append("type: \(first.reason)") }
        return limitations
    }
}
