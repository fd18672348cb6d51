import Foundation
import MusicAnalysis
import Testing

@Suite struct VoiceTests {
    private static let rate = 16_000

    /// A vowel: pulses at a pitch through resonances at given frequencies and bandwidths.
    private static func vowel(pitch: Double, formants: [(frequency: Double, bandwidth: Double)], seconds: Double) -> [Float] {
        var samples = (0 ..< Int(seconds * Double(rate))).map { index -> Double in
            let (now, before) = (Double(index) * pitch / Double(rate), Double(index - 1) * pitch / Double(rate))
            return now.rounded(.down) > before.rounded(.down) ? 1 : 0
        }
        for (frequency, bandwidth) in formants {
            let radius = exp(-Double.pi * bandwidth / Double(rate)), cosine = cos(2 * Double.pi * frequency / Double(rate))
            var (last, before) = (0.0, 0.0)
            for index in samples.indices {
                let value = samples[index] + 2 * radius * cosine * last - radius * radius * before
                (before, last) = (last, value)
                samples[index] = value
            }
        }
        let peak = samples.map(abs).max() ?? 1
        return samples.map { Float(0.3 * $0 / peak) }
    }

    private static func functionals(_ channels: [Float]..., rate: Int = rate) -> [String: Double]? {
        var session = MusicAnalysisSession(sampleRate: rate, channelCount: channels.count, includesVoice: true)
        session.append(channels)
        return session.finish().features.egemaps
    }

    @Test func thereAre88FunctionalsByOpenSMILEsNames() throws {
        let names = try #require(Self.functionals(Synthesis.noise(seconds: 1))).keys
        #expect(names.count == 88)
        for name in ["F0semitoneFrom27.5Hz_sma3nz_percentile20.0", "loudness_sma3_pctlrange0-2", "slopeV500-1500_sma3nz_stddevNorm", "mfcc4V_sma3nz_amean",
                     "alphaRatioUV_sma3nz_amean", "F3amplitudeLogRelF0_sma3nz_stddevNorm", "StddevUnvoicedSegmentLength", "equivalentSoundLevel_dBp"] {
            #expect(names.contains(name))
        }
    }

    @Test func aVowelHasItsPitchItsResonancesAndAPureVoice() throws {
        let formants: [(frequency: Double, bandwidth: Double)] = [(500, 80), (1_500, 100), (2_500, 120), (3_500, 200)]
        let voice = try #require(Self.functionals(Self.vowel(pitch: 110, formants: formants, seconds: 2)))
        // Two octaves above 27.5 Hz.
        #expect(abs((voice["F0semitoneFrom27.5Hz_sma3nz_amean"] ?? 0) - 24) < 0.2)
        // A formant is drawn to the harmonic next to it.
        for (index, formant) in formants.prefix(3).enumerated() {
            #expect(abs((voice["F\(index + 1)frequency_sma3nz_amean"] ?? 0) - formant.frequency) < 0.15 * formant.frequency)
        }
        #expect((voice["HNRdBACF_sma3nz_amean"] ?? 0) > 6)
        #expect((voice["jitterLocal_sma3nz_amean"] ?? 1) < 0.01)
        #expect((voice["MeanVoicedSegmentLengthSec"] ?? 0) > 1.8)
    }

    @Test func aVoiceThatStopsHasSegments() throws {
        let vowel = Self.vowel(pitch: 150, formants: [(600, 80), (1_200, 100), (2_600, 120)], seconds: 0.5)
        let pause = Synthesis.noise(seconds: 0.3).prefix(Int(0.3 * Double(Self.rate))).map { 0.0001 * $0 }
        let voice = try #require(Self.functionals(vowel + pause + vowel + pause + vowel))
        let segments = (voice["VoicedSegmentsPerSec"] ?? 0) * (1.5 + 0.6 - 0.06)
        #expect(abs(segments - 3) < 0.1)
        #expect(abs((voice["MeanVoicedSegmentLengthSec"] ?? 0) - 0.5) < 0.08)
    }

    /// By Parseval's theorem and the definition: 20 log10 of the RMS.
    @Test func theSoundLevelIsThatOfTheSamples() throws {
        let sine = (0 ..< Self.rate).map { Float(0.5 * sin(2 * Double.pi * 200 * Double($0) / Double(Self.rate))) }
        let voice = try #require(Self.functionals(sine, sine))
        #expect(abs((voice["equivalentSoundLevel_dBp"] ?? 0) - 20 * log10(0.5 / 2.0.squareRoot())) < 0.02)
    }

    @Test func lessThanAFrameHasNone() {
        #expect(Self.functionals([Float](repeating: 0.1, count: 900)) == nil)
    }

    @Test func blocksOfAnySizeGiveTheSame() {
        let vowel = Self.vowel(pitch: 110, formants: [(500, 80), (1_500, 100)], seconds: 12)
        var session = MusicAnalysisSession(sampleRate: Self.rate, channelCount: 1, includesVoice: true)
        for first in stride(from: 0, to: vowel.count, by: 1_013) { session.append([Array(vowel[first ..< min(first + 1_013, vowel.count)])]) }
        #expect(session.finish().features.egemaps == Self.functionals(vowel))
    }
}
