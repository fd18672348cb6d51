import MusicAnalysis
import Testing

@Suite struct RhythmTests {
    @Test(arguments: [72.0, 96.0, 120.0, 133.0])
    func findsTheBeatsOfAClickTrack(bpm: Double) throws {
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.clicks(bpm: bpm, seconds: 15)))
        let tempo = try #require(features.tempoBpm)
        #expect(abs(tempo / bpm - 1) < 0.01)
        #expect(features.tempoConfidence > 0.3)
        for click in stride(from: 0.2, to: 14.8, by: 60 / bpm) {
            #expect(features.beats.contains { abs($0 - click) < 0.025 }, "no beat at \(click) s")
        }
        #expect(features.beats == features.beats.sorted())
    }

    @Test func findsTheBarsByTheHarmony() throws {
        let music = Synthesis.progression([(60, false), (57, true), (65, false), (67, false)], beatsPerChord: 4, bpm: 110, seconds: 20)
        let features = MusicAnalyzer().analyze(Synthesis.samples(music))
        #expect(features.beatsPerBar == 4)
        let bar = 4 * 60 / 110.0
        for downbeat in features.downbeats {
            let phase = (downbeat / bar).rounded() * bar - downbeat
            #expect(abs(phase) < 0.06, "downbeat at \(downbeat) s")
        }
        #expect(features.downbeats.count >= 7)
        #expect(features.downbeats.allSatisfy(features.beats.contains))
    }

    @Test func findsThreeBeatsABar() {
        let music = Synthesis.progression([(60, false), (65, false), (67, false), (60, false)], beatsPerChord: 3, bpm: 130, seconds: 20)
        #expect(MusicAnalyzer().analyze(Synthesis.samples(music)).beatsPerBar == 3)
    }

    @Test func aHeldToneHasNoBeatsAndNoKey() {
        let held = (0 ..< 8 * Synthesis.rate).map { Float(0.3) * sine(440, $0) }
        let features = MusicAnalyzer().analyze(Synthesis.samples(held))
        #expect(features.tempoBpm == nil)
        #expect(features.beats.isEmpty)
        #expect(features.key == nil)
        #expect(features.chroma.firstIndex(of: 1) == 9)
        #expect(abs((features.tuningHz ?? 0) - 440) < 1)
    }
}
