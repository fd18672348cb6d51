/// Holds what a text claims in figures and in the field's terms against what was measured.
struct Grounding: Sendable {
    private let music: MusicFacts
    private let cuts: [Double]
    private let numbers: Set<Int>
    private let shots: Int
    private let cutsOnDownbeats: Int
    private let cutsOnBeats: Int

    init(music: MusicFacts, visual: VisualFacts, source: SourceFacts) {
        self.music = music
        cuts = visual.cuts
        shots = visual.cuts.count + 1
        let grid = SyncGrid(MusicReading(music))
        cutsOnDownbeats = visual.cuts.count { grid.isOnDownbeat($0) }
        cutsOnBeats = visual.cuts.count { grid.isOnBeat($0) || grid.isOnDownbeat($0) }
        var numbers: Set<Int> = [shots, cuts.count, cutsOnDownbeats, visual.frames.count]
        numbers.formUnion(visual.frames.map(\.index))
        for value in [visual.duration, music.duration, visual.averageShotLength, music.integratedLoudness, music.loudnessRange, music.brightness] {
            if let value, value.isFinite, abs(value) < 1e6 { numbers.formUnion([Int(value.rounded()), Int(abs(value).rounded())]) }
        }
        for time in visual.frames.map(\.time) + visual.cuts where time.isFinite && abs(time) < 1e6 { numbers.insert(Int(time.rounded())) }
        if let beats = MusicReading(music).beatsPerBar { numbers.insert(beats) }
        if let year = source.releaseYear { numbers.insert(year) }
        self.numbers = numbers
    }

    private var reading: MusicReading { MusicReading(music) }

    func violations(inMusicText text: String, place: String) -> [Violation] {
        let words = ClaimWords(text)
        return tempo(text, words, place) + tonalities(words, place, chords: Set(reading.progression.compactMap(Tonality.init(chord:))))
            + counts(words, place) + downbeats(words, place)
    }

    private func downbeats(_ words: ClaimWords, _ place: String) -> [Violation] {
        guard words.folded.contains(" downbeat"), reading.beatsPerBar == nil else { return [] }
        return [Violation(.metre, place, "it speaks of downbeats, and no metre was measured surely")]
    }

    /// Of what is seen alone: figures of the picture (a house's number) are not held against the facts, claims of music are.
    func violations(inCaption text: String, place: String) -> [Violation] {
        let words = ClaimWords(text)
        return tempo(text, words, place) + tonalities(words, place, chords: Set(reading.progression.compactMap(Tonality.init(chord:))))
    }

    func violations(inOverview text: String) -> [Violation] {
        var violations = violations(inMusicText: text, place: "overview")
        for sentence in Sentences.of(text.lowercased()) {
            let words = ClaimWords(sentence)
            let isAll = [" every ", " all ", " each ", " always "].contains { words.folded.contains($0) }
            if words.folded.contains(" downbeat") {
                if cutsOnDownbeats == 0 || (isAll && cutsOnDownbeats < cuts.count) {
                    violations.append(Violation(.sync, "overview", "\(cutsOnDownbeats) of \(cuts.count) cuts fall on a downbeat: claim no more"))
                }
            } else if [" cut", " edit"].contains(where: words.folded.contains), [" beat", " synchron", " in sync ", " in time with "].contains(where: words.folded.contains) {
                if cutsOnBeats == 0 || (isAll && cutsOnBeats < cuts.count) {
                    violations.append(Violation(.sync, "overview", "\(cutsOnBeats) of \(cuts.count) cuts fall on a beat: claim no more"))
                }
            }
        }
        return violations
    }

    func violations(in frame: MVDescription.Frame, place: String) -> [Violation] {
        let words = ClaimWords(frame.description)
        let sounding = reading.sureChords.filter { $0.start < frame.end + 0.1 && $0.end > frame.start - 0.1 }
        return tempo(frame.description, words, place) + counts(words, place, bar: frame.sync.bar)
            + tonalities(words, place, chords: Set(sounding.compactMap { Tonality(chord: $0.label) })) + sync(words, frame.sync, place)
    }

    /// Words of tempo count in sentences about music only: a shot may be slow.
    private static let musicWords: Set<String> = ["tempo", "bpm", "pulse", "beat", "beats", "rhythm", "rhythms", "groove", "music", "track", "song", "soundtrack"]

    private func tempo(_ text: String, _ words: ClaimWords, _ place: String) -> [Violation] {
        var violations: [Violation] = []
        let tempi = reading.tempi
        for sentence in Sentences.of(text) {
            var claimed = Words.of(sentence.lowercased())
            guard !Self.musicWords.isDisjoint(with: claimed) else { continue }
            for (place, (word, next)) in zip(claimed, claimed.dropFirst() + [""]).enumerated() where word == "very" || word == "extremely" {
                claimed[place] = word + " " + next
                if place + 1 < claimed.count { claimed[place + 1] = "" }
            }
            for meaning in TempoWord.meanings where claimed.contains(meaning.word) {
                if !tempi.contains(where: meaning.range.contains) {
                    let measured = tempi.isEmpty ? "no tempo was measured surely" : "the tempo is \(tempi.map(RuleCaptioner.whole).joined(separator: " or ")) BPM"
                    violations.append(Violation(.tempo, place, "it calls the music '\(meaning.word)', and \(measured)"))
                }
            }
        }
        for number in words.numbers where ["bpm", "beats per"].contains(where: number.following.hasPrefix) {
            let matches = tempi.flatMap { [$0, $0 / 2, $0 * 2] }.contains { abs($0 - number.value) <= max(1, 0.02 * $0) }
            if !matches { violations.append(Violation(.tempo, place, "it gives \(number.text) BPM, which was not measured")) }
        }
        return violations
    }

    private func tonalities(_ words: ClaimWords, _ place: String, chords: Set<Tonality>) -> [Violation] {
        var violations: [Violation] = []
        for claim in words.tonalities {
            if claim.isKey {
                if claim.tonality != reading.tonality { violations.append(Violation(.key, place, "it names the key \(claim.tonality.prose()), which was not measured surely")) }
            } else if claim.tonality != reading.tonality, !chords.contains(claim.tonality) {
                violations.append(Violation(.chord, place, "it names \(claim.tonality.prose()), which is neither the key nor a chord that sounds there"))
            }
        }
        for mode in words.modes where mode != reading.tonality?.mode {
            violations.append(Violation(.key, place, "it speaks of a \(mode.rawValue) key, which was not measured surely"))
        }
        return violations
    }

    private func counts(_ words: ClaimWords, _ place: String, bar: Int? = nil) -> [Violation] {
        var violations: [Violation] = []
        for number in words.numbers where !number.following.hasPrefix("bpm") && !number.following.hasPrefix("beats per minute") {
            let isWhole = number.value.rounded() == number.value && abs(number.value) < 1e6
            let noun = number.following.split(separator: " ").first.map(String.init) ?? ""
            if number.preceding == "bar" {
                if !isWhole || bar != Int(number.value) { violations.append(Violation(.sync, place, "it names bar \(number.text), and the picture stands elsewhere")) }
            } else if noun == "beats" || noun == "beat" || (number.preceding == "of" && words.before(number, "bars")) {
                if !isWhole || reading.beatsPerBar != Int(number.value) { violations.append(Violation(.metre, place, "it counts \(number.text) beats, which were not measured surely")) }
            } else if noun == "cuts" || noun == "cut" || noun == "shots" || noun == "shot" {
                let expected = noun.hasPrefix("cut") ? cuts.count : shots
                // `one cut` and `a single shot` are ways of speaking in a frame; a figure of the clip stands in the overview.
                if place == "overview", number.value != 1, !isWhole || expected != Int(number.value) {
                    violations.append(Violation(.number, place, "it counts \(number.text) \(noun), and there are \(expected)"))
                }
            } else if number.isDigits, !(isWhole && numbers.contains(Int(number.value))) {
                violations.append(Violation(.number, place, "the number \(number.text) is not among the facts"))
            }
        }
        return violations
    }

    private func sync(_ words: ClaimWords, _ sync: SyncPoint, _ place: String) -> [Violation] {
        let text = words.folded
        if text.contains("downbeat") {
            return sync.onDownbeat || sync.cutOnDownbeat ? [] : [Violation(.sync, place, "it speaks of a downbeat, and neither the picture nor a cut falls on one")]
        }
        let claims = [" the beat ", " a beat ", " on beat ", " and beat ", "synchron", " in sync ", " in time with "].contains { text.contains($0) }
        let holds = sync.onBeat || sync.cutOnBeat || sync.onDownbeat || sync.cutOnDownbeat
        return claims && !holds ? [Violation(.sync, place, "it claims synchrony with the beat, and neither the picture nor a cut falls on one")] : []
    }
}
