import Captioning

/// A clip as the analysers would measure it: an evening scene at 124 BPM in E flat major, cut nine times, five of them on downbeats.
enum Example {
    private static let bar = 240.0 / 124

    static let music: MusicFacts = {
        let beats = (0..<62).map { 0.1 + Double($0) * bar / 4 }
        let labels = ["D#:maj", "A#:maj", "C:min", "G#:maj"]
        let chords = (0..<15).map { ChordSpan(start: 0.1 + Double($0) * bar, end: 0.1 + Double($0 + 1) * bar, label: labels[$0 % 4], confidence: 0.8) }
        let levels = (0..<30).map { $0 < 10 ? -19.0 : $0 < 18 ? -15.0 : -11.0 }
        return MusicFacts(duration: 30, tempo: 124, tempoConfidence: 0.9, tempoAlternatives: [TempoAlternative(bpm: 62, strength: 0.5)], beats: beats,
                          downbeats: stride(from: 0, to: 62, by: 4).map { beats[$0] }, beatsPerBar: 4, metreConfidence: 0.8, key: "D# major",
                          keyConfidence: 0.75, chords: chords, integratedLoudness: -12.5, loudnessRange: 7, energyArc: levels, onsetRate: 5.4,
                          brightness: 3100, percussiveness: 0.65)
    }()

    static let source = SourceFacts(genres: ["synth-pop", "indie"], tags: ["dreamy", "seen live"], energy: 0.72, valence: 0.31, danceability: 0.66,
                                    releaseYear: 2014, language: "en")

    static let visual: VisualFacts = {
        let cuts = [0.1 + bar, 0.1 + 3 * bar, 8.9, 0.1 + 6 * bar, 15.3, 0.1 + 9 * bar, 20.4, 0.1 + 12 * bar, 27.1]
        let dusk = [PaletteColour("dark blue", 0.55), PaletteColour("grey", 0.2)]
        let street = [PaletteColour("warm brown", 0.45), PaletteColour("orange", 0.3), PaletteColour("black", 0.2)]
        let glow = [PaletteColour("orange", 0.35), PaletteColour("pale yellow", 0.33)]
        let looks: [(palette: [PaletteColour], brightness: Double, saturation: Double, motion: Double)] = [
            (dusk, 0.14, 0.35, 0.02), (street, 0.3, 0.45, 0.25), (street, 0.31, 0.44, 0.6), (street, 0.3, 0.45, 0.55), (dusk, 0.15, 0.34, 0.05),
            (glow, 0.62, 0.6, 0.3), (glow, 0.76, 0.62, 0.32), (glow, 0.75, 0.6, 0.3), (street, 0.28, 0.46, 0.65), (street, 0.29, 0.45, 0.62),
            (dusk, 0.13, 0.36, 0.1), (glow, 0.66, 0.58, 0.35), (glow, 0.64, 0.6, 0.1), (dusk, 0.17, 0.33, 0.04), (dusk, 0.05, 0.3, 0.02),
        ]
        var shot = 0
        let frames = looks.enumerated().map { place, look in
            let time = Double(2 * place)
            let now = cuts.count { $0 <= time }
            defer { shot = now }
            return FrameFacts(index: place + 1, time: time, brightness: look.brightness, contrast: place % 5 == 1 ? 0.3 : 0.18, saturation: look.saturation,
                              palette: look.palette, motion: look.motion, camera: place == 5 ? .panRight : place == 11 ? .zoomIn : nil, shot: now,
                              isFirstAfterCut: now != shot)
        }
        return VisualFacts(duration: 30, frames: frames, cuts: cuts, averageShotLength: 3, motionMean: 0.28, brightnessMean: 0.36, palette: street)
    }()
}
