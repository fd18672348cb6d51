import Foundation
import MusicAnalysis
import Testing

@Suite struct DynamicsTests {
    /// EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS measures −23 LUFS.
    @Test func aStereoSineAtMinus23MeasuresMinus23() throws {
        let rate = 48_000
        let level = Float(pow(10, -23.0 / 20))
        let tone = (0 ..< 5 * rate).map { level * Float(sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
        let loudness = MusicAnalyzer().analyze(AudioSamples(sampleRate: rate, channels: [tone, tone])).loudness
        #expect(abs(try #require(loudness.integratedLufs) + 23) < 0.1)
        #expect(abs(try #require(loudness.samplePeakDbfs) + 23) < 0.05)
        #expect(abs(try #require(loudness.truePeakDbtp) + 23) < 0.2)
        #expect(try #require(loudness.rangeLu) < 0.2)
    }

    /// EBU Tech 3341, case 3: quiet ends are gated out.
    @Test func quietPartsAreGatedOut() throws {
        let rate = 48_000
        let levels = [(-36.0, 3), (-23.0, 30), (-36.0, 3)]
        var tone: [Float] = []
        for (level, seconds) in levels {
            let gain = pow(10, level / 20)
            tone += (0 ..< seconds * rate).map { Float(gain * sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
        }
        let loudness = MusicAnalyzer().analyze(AudioSamples(sampleRate: rate, channels: [tone, tone])).loudness
        #expect(abs(try #require(loudness.integratedLufs) + 23) < 0.1)
        #expect(loudness.perSecondLufs.count >= 35)
    }

    /// A sine at a quarter of the sample rate, sampled 45° off its crests: the samples miss the peak by 3 dB.
    @Test func theTruePeakLiesBetweenTheSamples() throws {
        let tone = (0 ..< 48_000).map { Float(0.5 * sin(Double.pi / 2 * Double($0) + Double.pi / 4)) }
        let loudness = MusicAnalyzer().analyze(AudioSamples(sampleRate: 48_000, channels: [tone])).loudness
        #expect(abs(try #require(loudness.samplePeakDbfs) + 9.03) < 0.05)
        #expect(abs(try #require(loudness.truePeakDbtp) + 6.02) < 0.3)
    }

    @Test func aChangeOfHarmonyAndLevelMakesASection() {
        let first = Synthesis.progression([(60, false), (65, false)], beatsPerChord: 4, bpm: 120, seconds: 14)
        let second = Synthesis.clicks(bpm: 120, seconds: 14)
        let features = MusicAnalyzer().analyze(Synthesis.samples(first + second))
        #expect(features.sections.contains { abs($0.start - 14) < 1.1 && $0.confidence > 0.5 })
        #expect(features.sections.last?.end == 28)
    }
}

@Suite struct FeaturesTests {
    @Test func silenceHasEmptyListsAndNulls() throws {
        let features = MusicAnalyzer().analyze(Synthesis.samples([Float](repeating: 0, count: 3 * Synthesis.rate)))
        #expect(features.isSilent)
        #expect(features.tempoBpm == nil && features.key == nil && features.beats.isEmpty && features.onsets.isEmpty)
        #expect(features.chords.map(\.label) == ["N"])
        let json = try #require(String(data: JSONEncoder().encode(features), encoding: .utf8))
        #expect(json.contains("\"tempo_bpm\":null"))
        #expect(json.contains("\"key\":null"))
    }

    @Test(arguments: [0, 1, 10, 500, 5_000, 22_050])
    func anyLengthGivesFiniteNumbers(count: Int) throws {
        let features = MusicAnalyzer().analyze(Synthesis.samples(Array(Synthesis.noise(seconds: 1).prefix(count))))
        // The encoder refuses what is not finite.
        let data = try JSONEncoder().encode(features)
        #expect(try JSONDecoder().decode(MusicFeatures.self, from: data) == features)
    }

    @Test func noChannelsAreSilence() {
        #expect(MusicAnalyzer().analyze(AudioSamples(sampleRate: 44_100, channels: [])).isSilent)
    }

    @Test func theSameSamplesGiveTheSameBytes() throws {
        let samples = Synthesis.samples(Synthesis.progression([(60, false), (67, false)], beatsPerChord: 4, bpm: 100, seconds: 6))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try encoder.encode(MusicAnalyzer().analyze(samples)) == encoder.encode(MusicAnalyzer().analyze(samples)))
    }
}
