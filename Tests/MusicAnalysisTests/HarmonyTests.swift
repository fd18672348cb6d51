import MusicAnalysis
import Testing

@Suite struct HarmonyTests {
    /// C Am F G, one chord a second.
    private static let popular: [(root: Int, isMinor: Bool)] = [(60, false), (57, true), (65, false), (67, false)]

    @Test func namesTheChordsAndTheKey() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(
            Synthesis.progression(Self.popular, beatsPerChord: 2, bpm: 90, seconds: 16)))
        #expect(features.key == "C major")
        let wanted = ["C:maj", "A:min", "F:maj", "G:maj"]
        let span = 2 * 60 / 90.0
        var right = 0
        var all = 0
        for middle in stride(from: span / 2, to: 16, by: span) {
            all += 1
            let label = features.chords.first { $0.start <= middle && middle < $0.end }?.label
            if label == wanted[(all - 1) % 4] { right += 1 }
        }
        #expect(right >= all - 1)
    }

    @Test func namesAMinorKey() {
        let minor: [(root: Int, isMinor: Bool)] = [(57, true), (62, true), (64, false), (57, true)]
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.progression(minor, beatsPerChord: 4, bpm: 100, seconds: 16)))
        #expect(features.key == "A minor")
        #expect(features.keyConfidence > 0.2)
    }

    @Test func chordsCoverTheClipWithoutGaps() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(
            Synthesis.progression(Self.popular, beatsPerChord: 2, bpm: 90, seconds: 10)))
        #expect(features.chords.first?.start == 0)
        #expect(features.chords.last?.end == 10)
        for (left, right) in zip(features.chords, features.chords.dropFirst()) { #expect(left.end == right.start) }
    }

    @Test func oppositePhaseChangesNothing() {
        let music = Synthesis.progression(Self.popular, beatsPerChord: 2, bpm: 90, seconds: 10)
        let mono = MusicAnalyzer().analyze(Synthesis.samples(music))
        let antiphase = MusicAnalyzer().analyze(Synthesis.samples(music, music.map { -$0 }))
        #expect(antiphase.beats == mono.beats)
        #expect(antiphase.chords.map(\.label) == mono.chords.map(\.label))
        #expect(antiphase.key == mono.key)
    }

    @Test func levelChangesNothing() {
        let music = Synthesis.progression(Self.popular, beatsPerChord: 2, bpm: 90, seconds: 10)
        let loud = MusicAnalyzer().analyze(Synthesis.samples(music))
        let quiet = MusicAnalyzer().analyze(Synthesis.samples(music.map { $0 * 0.001 }))
        #expect(quiet.beats == loud.beats)
        #expect(quiet.chords.map(\.label) == loud.chords.map(\.label))
    }

    /// Seconds of a clip that carry a label.
    private static func seconds(of label: String, in features: MusicFeatures) -> Double {
        features.chords.filter { $0.label == label }.reduce(0) { $0 + $1.end - $1.start }
    }

    @Test func aSeventhChordKeepsItsTriadsName() {
        // Dm7 G7 Cmaj7, two seconds each, with their roots below.
        let chords = [[50, 62, 65, 69, 72], [43, 62, 65, 67, 71], [48, 60, 64, 67, 71]]
        let notes = (0 ..< 24).flatMap { beat in chords[beat / 4 % 3].map { (note: $0, start: Double(beat) * 0.5, length: 0.5) } }
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.tones(notes, seconds: 12)))
        for label in ["D:min", "G:maj", "C:maj"] { #expect(abs(Self.seconds(of: label, in: features) - 4) < 0.7, "\(label)") }
        #expect(features.key == "C major" && features.keyReason == nil)
    }

    @Test func chordsOfHalfASecondAreFollowed() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(
            Synthesis.progression(Self.popular, beatsPerChord: 1, bpm: 110, seconds: 16)))
        for label in ["C:maj", "A:min", "F:maj", "G:maj"] { #expect(Self.seconds(of: label, in: features) > 2.4, "\(label)") }
    }

    @Test func chordsThatChangeAllTheTimeAreNoNoise() {
        // Neighbours that share no note, half a second each: soon after nothing is as it was before, which noise has too.
        let features = MusicAnalyzer().analyze(Synthesis.samples(
            Synthesis.progression([(60, false), (62, true), (64, true), (65, false)], beatsPerChord: 1, bpm: 120, seconds: 12)))
        #expect(Self.seconds(of: "N", in: features) < 1)
    }

    @Test func aHeldToneHasNoChordAndSaysWhyThereIsNoKey() {
        let tone = (0 ..< 10).map { (note: 69, start: Double($0), length: 1.0) }
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.tones(tone, seconds: 10)))
        #expect(Self.seconds(of: "N", in: features) > 8)
        #expect(features.key == nil && features.keyConfidence == 0)
        #expect(features.keyReason?.contains("no key") == true)
    }

    @Test func musicTooShortForAKeySaysSo() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(
            Synthesis.progression(Self.popular, beatsPerChord: 1, bpm: 120, seconds: 2)))
        #expect(features.key == nil)
        #expect(features.keyReason?.contains("3 s") == true)
    }

    @Test func silenceBetweenChordsHasNone() {
        let music = Synthesis.progression(Self.popular, beatsPerChord: 2, bpm: 90, seconds: 8)
        let features = MusicAnalyzer().analyze(Synthesis.samples(music + [Float](repeating: 0, count: 5 * Synthesis.rate) + music))
        let middle = features.chords.first { $0.start <= 10.5 && 10.5 < $0.end }
        #expect(middle?.label == "N")
    }

    @Test func noiseHasNoChordsAndNoKey() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.noise(seconds: 10).map { 0.5 * $0 }))
        #expect(features.key == nil && features.keyReason != nil)
        #expect(features.tempoConfidence < 0.3)
        let none = features.chords.filter { $0.label == "N" }.reduce(0) { $0 + $1.end - $1.start }
        #expect(none > 8)
    }
}
