import Foundation
import MusicLanguageModel
import Testing

struct AudioFrontEndTests {
    private static func tone(_ frequency: Double, seconds: Double, rate: Int = 16_000, offset: Float = 0) -> [Float] {
        (0 ..< Int(seconds * Double(rate))).map { Float(0.5 * sin(2 * .pi * frequency * Double($0) / Double(rate))) + offset }
    }

    @Test func thirtySecondsAreHeardAtTheirStartMiddleAndEnd() {
        let plan = ClipPlan(sampleCount: 480_000, sampleRate: 16_000, clipSeconds: 2, clipCount: 3)
        #expect(plan.sampleRanges == [0 ..< 32_000, 224_000 ..< 256_000, 448_000 ..< 480_000])
        #expect(plan.startTimes == [0, 14, 28])
    }

    @Test func aClipThatStartsBetweenSamplesStartsAtTheOneBefore() {
        // 6.3 s − 2 s is a little less than 4.3 s in double precision.
        #expect(ClipPlan(sampleCount: 100_800, sampleRate: 16_000, clipSeconds: 2, clipCount: 3).sampleRanges == [0 ..< 32_000, 34_399 ..< 66_399, 68_799 ..< 100_799])
        #expect(ClipPlan(sampleCount: 32_001, sampleRate: 16_000, clipSeconds: 2, clipCount: 3).sampleRanges.map(\.lowerBound) == [0, 0, 0])
        #expect(ClipPlan(sampleCount: 1 << 40, sampleRate: 16_000, clipSeconds: 2, clipCount: 3).sampleRanges[2].upperBound == 1 << 40)
    }

    @Test func shortAudioIsHeardWholeThreeTimes() throws {
        let spectra = try AudioFrontEnd().spectra(of: [Self.tone(440, seconds: 0.5)], sampleRate: 16_000)
        #expect(spectra.plan.sampleRanges == [0 ..< 8_000, 0 ..< 8_000, 0 ..< 8_000])
        // 48 frames of half a second; what is padded is 0 before it is normalised.
        #expect(spectra.values[47] != 4.268 / 9.138 && (48 ..< 204).allSatisfy { abs(spectra.values[$0] - 4.268 / 9.138) < 1e-6 })
    }

    @Test func silenceIsTheLeastPower() throws {
        let spectra = try AudioFrontEnd().spectra(of: [[Float](repeating: 0, count: 96_000)], sampleRate: 44_100)
        #expect(spectra.clipCount == 3 && spectra.values.count == 3 * 128 * 204)
        let least = (log(Float.ulpOfOne) + 4.268) / 9.138
        #expect((0 ..< 198).allSatisfy { abs(spectra.values[$0] - least) < 1e-5 })
    }

    @Test func aToneIsLoudestInItsBand() throws {
        let spectra = try AudioFrontEnd().spectra(of: [Self.tone(1_000, seconds: 2, rate: 48_000)], sampleRate: 48_000)
        let column = (0 ..< 128).map { spectra.values[$0 * 204 + 100] }
        // 1 kHz is 1,000 mel; the triangles' peaks stand 21.78 mel apart from 31.7 mel on.
        #expect(column.firstIndex(of: column.max()!) == 43 || column.firstIndex(of: column.max()!) == 44)
    }

    @Test func theFirstChannelIsHeardAndTheMeanIsOfAll() throws {
        let left = Self.tone(300, seconds: 4), right = Self.tone(2_000, seconds: 4, offset: 0.25)
        let mono = try AudioFrontEnd().spectra(of: [left], sampleRate: 16_000), stereo = try AudioFrontEnd().spectra(of: [left, right], sampleRate: 16_000)
        let alone = try AudioFrontEnd(meanSubtraction: .eachClip).spectra(of: [left, right], sampleRate: 16_000)
        let other = try AudioFrontEnd(meanSubtraction: .eachClip).spectra(of: [left, Self.tone(5_000, seconds: 4)], sampleRate: 16_000)
        func difference(_ a: ClipSpectra, _ b: ClipSpectra) -> Float { zip(a.values, b.values).map { abs($0 - $1) }.max()! }
        // Each frame loses its own mean, so that a clip's shows only where an earlier clip ended inside it.
        #expect(difference(alone, other) < 1e-2)
        #expect(difference(stereo, alone) > 0.1)
        #expect(difference(mono, alone) < 1e-2)
    }

    @Test func whatCannotBeHeardIsRefusedInWords() throws {
        let frontEnd = try AudioFrontEnd()
        let cases: [(channels: [[Float]], rate: Int, words: String)] = [
            ([], 16_000, "25 ms"), ([[]], 16_000, "25 ms"), ([[Float](repeating: 0, count: 399)], 16_000, "25 ms"), ([[Float](repeating: 0, count: 100)], 44_100, "25 ms"),
            ([[0, 1], [0]], 16_000, "equally long"), ([[Float](repeating: 0, count: 4_000)], 0, "samples a second"),
            ([[Float](repeating: 0, count: 4_000)], 1 << 40, "samples a second"), ([[Float](repeating: .nan, count: 4_000)], 22_050, "finite"),
        ]
        for (channels, rate, words) in cases {
            let error = #expect(throws: ModelError.self) { try frontEnd.spectra(of: channels, sampleRate: rate) }
            #expect(error?.code == .audio && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        #expect(try frontEnd.spectra(of: [[Float](repeating: 0, count: 400)], sampleRate: 16_000).clipCount == 3)
    }

    @Test func anHourCostsOnlyWhatIsHeard() throws {
        let hour = [Float](repeating: 0.25, count: 3_600 * 8_000)
        let spectra = try AudioFrontEnd().spectra(of: [hour], sampleRate: 8_000)
        #expect(spectra.plan.startTimes == [0, 1_799, 3_598])
    }

    @Test func aConfigurationIsReadWithDefaultsForWhatIsMissing() throws {
        let configuration = try AudioTowerConfiguration(json: Data(#"{"audio_num_heads": 6, "clips_per_video": 5, "add_bias_kv": true, "else": "x"}"#.utf8))
        #expect(configuration.heads == 6 && configuration.clipCount == 5 && configuration.frames == 204)
        for text in ["[]", "{", #"{"audio_num_heads": 0}"#, #"{"sample_rate": 1e99}"#, #"{"std": 0}"#, #"{"clip_duration": -1}"#, #"{"audio_stride": 0}"#, #"{"add_bias_kv": false}"#] {
            #expect(throws: ModelError.self) { try AudioTowerConfiguration(json: Data(text.utf8)) }
        }
    }
}
