import Foundation
import MusicAnalysis
import Testing

/// What is heard and is no music has neither tempo nor key, and says why.
@Suite struct NoMusicTests {
    private static let rate = Double(Synthesis.rate)

    /// Syllables of uneven length at a gliding pitch, with pauses between phrases: what speech is to a beat tracker. Vowels are pulses through two resonances.
    static func speech(seconds: Double, seed: UInt32) -> [Float] {
        var generator = SplitMix(state: UInt64(seed))
        func random() -> Double { Double.random(in: 0 ..< 1, using: &generator) }
        var result = [Float](repeating: 0, count: Int(seconds * rate))
        var (time, pitch) = (0.1, 120.0)
        while time < seconds {
            let length = 0.07 + 0.22 * random() * random(), (first, second) = (300 + 500 * random(), 900 + 1_400 * random())
            let glide = 70 * (random() - 0.6)
            var (phase, a, b) = (0.0, [0.0, 0], [0.0, 0])
            for index in 0 ..< Int(length * rate) where Int(time * rate) + index < result.count {
                let share = Double(index) / (length * rate)
                phase += (pitch + glide * share) / rate
                var value = phase >= 1 ? 1.0 : 0.02 * (random() - 0.5)
                phase -= phase.rounded(.down)
                for (frequency, bandwidth, store) in [(first, 90.0, 0), (second, 120.0, 1)] {
                    let radius = exp(-Double.pi * bandwidth / rate)
                    let y = value + 2 * radius * cos(2 * Double.pi * frequency / rate) * (store == 0 ? a[0] : b[0]) - radius * radius * (store == 0 ? a[1] : b[1])
                    if store == 0 { a = [y, a[0]] } else { b = [y, b[0]] }
                    value = y
                }
                result[Int(time * rate) + index] += Float(0.004 * value * sin(Double.pi * share).squareRoot())
            }
            // A consonant's hiss before the next.
            let hiss = 0.02 + 0.06 * random()
            for index in 0 ..< Int(hiss * rate) where Int((time + length) * rate) + index < result.count { result[Int((time + length) * rate) + index] += Float(0.05 * (random() - 0.5)) }
            pitch = max(85, min(190, pitch * (0.88 + 0.25 * random())))
            time += length + hiss + (random() < 0.12 ? 0.25 + 0.5 * random() : 0)
        }
        return result
    }

    /// Many claps or drops, each a short burst at its own moment.
    static func bursts(aSecond: Double, length: Double, seconds: Double, seed: UInt32) -> [Float] {
        var generator = SplitMix(state: UInt64(seed))
        func random() -> Double { Double.random(in: 0 ..< 1, using: &generator) }
        var result = [Float](repeating: 0, count: Int(seconds * rate))
        for _ in 0 ..< Int(aSecond * seconds) {
            let (start, height) = (Int(random() * seconds * rate), 0.02 + 0.2 * random())
            for index in 0 ..< Int(length * rate) where start + index < result.count {
                result[start + index] += Float(height * (2 * random() - 1) * exp(-4 * Double(index) / (length * rate)))
            }
        }
        return result
    }

    /// Steele, Lea & Flood 2014: the same numbers everywhere, and no period that a beat tracker could hear.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static func expectNothing(_ samples: [Float], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let features = MusicAnalyzer().analyze(Synthesis.samples(samples))
        #expect(features.tempoBpm == nil && features.beats.isEmpty && features.tempoConfidence == 0, "\(name): \(features.tempoBpm ?? 0) \(features.tempoConfidence)", sourceLocation: sourceLocation)
        #expect(features.key == nil && features.keyConfidence == 0, "\(name): \(features.key ?? "") \(features.keyConfidence)", sourceLocation: sourceLocation)
        #expect(features.tempoAbsence?.isEmpty == false && features.keyReason?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(features.tempoCurve.isEmpty && features.downbeats.isEmpty && features.beatsPerBar == nil, sourceLocation: sourceLocation)
    }

    @Test(arguments: [1, 2, 3] as [UInt32]) func speechHasNeitherTempoNorKey(seed: UInt32) { Self.expectNothing(Self.speech(seconds: 20, seed: seed), "speech \(seed)") }

    @Test(arguments: [5, 6, 7] as [UInt32]) func applauseHasNeitherTempoNorKey(seed: UInt32) {
        Self.expectNothing(Self.bursts(aSecond: 120, length: 0.02, seconds: 20, seed: seed), "applause \(seed)")
    }

    @Test(arguments: [6, 7, 8] as [UInt32]) func rainHasNeitherTempoNorKey(seed: UInt32) {
        Self.expectNothing(Self.bursts(aSecond: 900, length: 0.004, seconds: 20, seed: seed), "rain \(seed)")
    }

    @Test func aFewClapsHaveNoKey() {
        let features = MusicAnalyzer().analyze(Synthesis.samples(Self.bursts(aSecond: 3, length: 0.02, seconds: 20, seed: 7)))
        #expect(features.key == nil && features.tempoConfidence < 0.4)
    }

    @Test func aMetronomeHasATempoAndNoKey() throws {
        let features = MusicAnalyzer().analyze(Synthesis.samples(Synthesis.clicks(bpm: 96, seconds: 20)))
        #expect(abs(try #require(features.tempoBpm) - 96) < 0.5)
        #expect(features.key == nil && features.keyReason != nil)
    }
}
