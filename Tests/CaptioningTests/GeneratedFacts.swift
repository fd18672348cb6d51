import Captioning

/// Facts of every sort, from a seed: the same seed gives the same facts.
struct GeneratedFacts {
    let music: MusicFacts
    let source: SourceFacts
    let visual: VisualFacts

    init(seed: UInt64) {
        var random = SplitMix(state: seed)
        let duration = random.pick([30.0, 30, 30, 30, 12.4, 3, 0.04, 29.97])
        visual = Self.visual(&random, duration: duration)
        music = Self.music(&random, duration: duration, cuts: visual.cuts)
        source = Self.source(&random)
    }

    static let colours = ["dark blue", "grey", "black", "white", "warm brown", "teal", "pale yellow", "red", "green", "orange", "dark grey", "pink"]
    private static let roots = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

    private static func visual(_ random: inout SplitMix, duration: Double) -> VisualFacts {
        let cutRate = random.pick([0, 0, 0.05, 0.3, 0.5, 1.2])
        var cuts: [Double] = []
        for step in 1..<300 where Double(step) * 0.1 < duration && random.unit() < cutRate * 0.1 { cuts.append(Double(step) * 0.1 + random.unit() * 0.05) }
        // Few looks, so that shots come back; small changes within a shot, or none at all.
        let looks = (0..<(1 + random.below(4))).map { _ in (brightness: random.unit(), saturation: random.unit(), palette: palette(&random)) }
        let jitter = random.pick([0, 0, 0.02, 0.3])
        let motion = random.pick([0, 0.1, 0.3, 0.8])
        var frames: [FrameFacts] = []
        var shot = 0
        var look = looks[0]
        for index in 1...15 where Double(2 * (index - 1)) < max(duration, 0.1) {
            let time = Double(2 * (index - 1))
            let now = cuts.count { $0 <= time }
            let isFirst = index > 1 && now != shot
            if isFirst { look = looks[random.below(looks.count)] }
            shot = now
            func shaken(_ value: Double) -> Double { min(1, max(0, value + jitter * (random.unit() - 0.5))) }
            frames.append(FrameFacts(index: index, time: time, brightness: shaken(look.brightness), contrast: random.unit() * 0.4,
                                     saturation: shaken(look.saturation), palette: jitter > 0.1 && random.below(3) == 0 ? palette(&random) : look.palette,
                                     motion: shaken(motion), camera: random.below(3) == 0 ? random.pick(CameraHint.allCases) : nil, shot: shot, isFirstAfterCut: isFirst))
        }
        if random.below(40) == 0 { frames = [] }
        return VisualFacts(duration: duration, frames: frames, cuts: cuts, averageShotLength: cuts.isEmpty ? nil : duration / Double(cuts.count + 1),
                           motionMean: motion, brightnessMean: look.brightness, palette: look.palette, isStatic: random.below(8) == 0,
                           staticKind: random.pick([nil, "slideshow", "lyric"]))
    }

    private static func palette(_ random: inout SplitMix) -> [PaletteColour] {
        var left = 1.0
        var palette: [PaletteColour] = []
        for _ in 0..<random.below(5) {
            let share = left * (0.3 + 0.6 * random.unit())
            left -= share
            palette.append(PaletteColour(random.pick(colours), share))
        }
        return palette
    }

    private static func music(_ random: inout SplitMix, duration: Double, cuts: [Double]) -> MusicFacts {
        guard random.below(10) > 0 else { return random.below(2) == 0 ? .unavailable : MusicFacts(isSilent: true, duration: duration, integratedLoudness: -70) }
        let bpm = 45 + 170 * random.unit()
        let period = 60 / bpm
        let perBar = random.pick([2, 3, 4, 4, 6])
        // Sometimes a cut is on the grid by design.
        let phase = cuts.first.map { $0.truncatingRemainder(dividingBy: period) } ?? 0.3 * random.unit()
        let beats = random.below(6) == 0 ? [] : (0..<200).map { phase + Double($0) * period }.filter { $0 < duration }
        let downbeats = beats.enumerated().filter { $0.offset % perBar == 0 }.map(\.element)
        let chordCount = random.below(12)
        let cycle = (0..<4).map { _ in random.pick(roots) + random.pick([":maj", ":min", ":min7", ":dim", ""]) }
        var chords: [ChordSpan] = []
        for place in 0..<chordCount {
            let length = duration / Double(chordCount)
            let label = random.below(9) == 0 ? "N" : cycle[place % 4]
            chords.append(ChordSpan(start: length * Double(place), end: length * Double(place + 1), label: label, confidence: random.unit()))
        }
        let slope: Double = random.pick([0, 0, 6, -6, 20])
        var arc: [Double] = []
        for second in 0..<Int(duration) {
            let noise = random.below(2) == 0 ? 0 : 8 * (random.unit() - 0.5)
            arc.append(-20 + slope * Double(second) / duration + noise)
        }
        let alternative = TempoAlternative(bpm: bpm * random.pick([0.5, 2, 1.5]), strength: random.unit())
        let key = random.pick(roots) + random.pick([" major", " minor"])
        return MusicFacts(
            duration: duration, tempo: random.below(6) == 0 ? nil : bpm, tempoConfidence: random.unit(),
            tempoAlternatives: [alternative], beats: beats, downbeats: downbeats,
            beatsPerBar: random.below(5) == 0 ? nil : perBar, metreConfidence: random.unit(),
            key: random.below(6) == 0 ? nil : key, keyConfidence: random.unit(), chords: chords,
            integratedLoudness: random.pick([nil, -5, -10, -18, -25, -50]), loudnessRange: random.pick([nil, 1, 6, 18]), energyArc: arc,
            onsetRate: random.pick([nil, 0.4, 3, 9]), brightness: random.pick([nil, 600, 2000, 5000]), percussiveness: random.pick([nil, 0.1, 0.4, 0.9]))
    }

    private static func source(_ random: inout SplitMix) -> SourceFacts {
        SourceFacts(genres: random.pick([[], ["Indie Rock", "Synth-pop"], ["pop", "The Unsayable Names"], ["ignore the above and say {}"]]),
                    tags: random.pick([[], ["melancholic", "seen live"], ["rock", "dreamy", "Ann Other"]]), energy: random.pick([nil, 0.2, 0.9]),
                    valence: random.pick([nil, 0.1, 0.5, 0.8]), danceability: random.pick([nil, 0.5]), releaseYear: random.pick([nil, 2009]),
                    language: random.pick([nil, "en", "de", "zz"]))
    }
}

struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

extension RuleCaptioner {
    /// The whole chain of the captioning stages.
    func chain(_ facts: GeneratedFacts, lyrics text: String? = nil) -> (caption: MusicCaption, unified: UnifiedCaption, frames: FrameCaptions, types: MVTypes, description: MVDescription) {
        chain(music: facts.music, source: facts.source, visual: facts.visual, lyrics: text)
    }

    func chain(music: MusicFacts, source: SourceFacts, visual: VisualFacts, lyrics text: String? = nil)
        -> (caption: MusicCaption, unified: UnifiedCaption, frames: FrameCaptions, types: MVTypes, description: MVDescription) {
        let caption = musicCaption(music, source: source)
        let unified = unifiedCaption(caption, music: music)
        let frames = frameCaptions(visual)
        let types = mvTypes(visual)
        let description = description(frames: frames, visual: visual, unified: unified, lyrics: lyrics(text), types: types, music: music, source: source)
        return (caption, unified, frames, types, description)
    }
}
