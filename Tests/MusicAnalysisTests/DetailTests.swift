import Foundation
import MusicAnalysis
import Testing

@Suite struct DetailTests {
    private static func analyze(_ channels: [Float]...) -> MusicFeatures {
        MusicAnalyzer().analyze(AudioSamples(sampleRate: Synthesis.rate, channels: channels))
    }

    private static let progression = Synthesis.progression([(60, false), (69, true), (65, false), (67, false)], beatsPerChord: 4, bpm: 120, seconds: 16)

    /// At 120 BPM a bar of four beats is two seconds: every window is one bar and one chord.
    @Test func windowsSayBarBeatAndChord() throws {
        let features = Self.analyze(Self.progression)
        #expect(features.windows.map(\.start) == [0, 2, 4, 6, 8, 10, 12, 14])
        #expect(features.windows.last?.end == 16)
        #expect(features.windows.map(\.chord) == ["C:maj", "A:min", "F:maj", "G:maj", "C:maj", "A:min", "F:maj", "G:maj"])
        #expect(features.windows.allSatisfy { (0 ... 1).contains($0.chordConfidence) && (0 ... 1).contains($0.energy) })
        for window in features.windows.dropFirst() where features.downbeats.contains(where: { abs($0 - window.start) <= 0.07 }) {
            #expect(window.isOnDownbeat && window.beat == 1)
        }
        let bars = features.windows.compactMap(\.bar)
        #expect(zip(bars, bars.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func windowsAgreeWithTheFeaturesTheyAreReadFrom() {
        let features = Self.analyze(Self.progression + Synthesis.clicks(bpm: 120, seconds: 13))
        #expect(features.windows.reduce(0) { $0 + $1.onsets } == features.onsets.count)
        #expect(features.onsetDensity.reduce(0, +) <= features.onsets.count)
        #expect(features.windows.count { $0.isSectionChange } == Set(features.sections.dropFirst().map { Int($0.start / 2) }).count)
        #expect(features.windows.last?.section == features.sections.count)
        #expect(features.windows.last?.end == 29)
    }

    @Test func aSteadyPulseHasASteadyCurve() throws {
        let features = Self.analyze(Synthesis.clicks(bpm: 100, seconds: 20))
        #expect(try #require(features.tempoStability) > 0.9)
        let tempo = try #require(features.tempoBpm)
        #expect(!features.tempoCurve.isEmpty && features.tempoCurve.allSatisfy { abs($0.bpm / tempo - 1) < 0.03 })
    }

    @Test func silenceIsFoundWhereItIs() {
        let tone = (0 ..< 4 * Synthesis.rate).map { 0.3 * sine(440, $0) }
        let gap = [Float](repeating: 0, count: 2 * Synthesis.rate)
        let signal = Self.analyze(tone + gap + tone).signal
        #expect(signal.silentSpans.count == 1)
        #expect(abs((signal.silentSpans.first?.start ?? 0) - 4) < 0.11 && abs((signal.silentSpans.first?.end ?? 0) - 6) < 0.11)
        #expect(abs(signal.silentShare - 0.2) < 0.02)
        let silent = Self.analyze(gap)
        #expect(silent.signal.silentShare == 1 && silent.windows.map(\.chord) == ["N"] && silent.windows.map(\.bar) == [nil])
    }

    @Test func fadesAreFoundAtBothEnds() throws {
        let seconds = 20.0
        let tone = (0 ..< Int(seconds) * Synthesis.rate).map { index -> Float in
            let time = Double(index) / Double(Synthesis.rate)
            let decibels = min(0, (time - 4) * 10, (14 - time) * 8)
            return 0.4 * Float(pow(10, decibels / 20)) * sine(330, index)
        }
        let fades = Self.analyze(tone).signal.fades
        let out = try #require(fades.first { $0.kind == .fadeOut }), into = try #require(fades.first { $0.kind == .fadeIn })
        #expect(abs(out.start - 14) < 0.7 && abs(out.end - 20) < 0.7 && out.depthDb > 35 && out.confidence > 0.9)
        #expect(into.start < 0.5 && abs(into.end - 4) < 0.7 && into.depthDb > 25 && into.confidence > 0.8)
        #expect(Self.analyze((0 ..< 6 * Synthesis.rate).map { 0.3 * sine(440, $0) }).signal.fades.isEmpty)
    }

    @Test func cutCrestsAreClippingAndASineIsNone() {
        let sine440 = (0 ..< 4 * Synthesis.rate).map { 0.9 * sine(440, $0) }
        #expect(Self.analyze(sine440).signal.clippingConfidence == 0)
        #expect(Self.analyze(Self.progression).signal.clippedShare == 0)
        let cut = Self.analyze(sine440.map { min(0.5, max(-0.5, $0)) }).signal
        #expect(cut.clippingConfidence == 1 && cut.clippedShare > 0.5)
    }

    @Test func widthTellsMonoFromStereoAndFromOppositePhase() throws {
        let (a, b) = (Synthesis.noise(seconds: 3), Synthesis.noise(seconds: 3, seed: 99))
        #expect(Self.analyze(a).stereo == nil)
        let same = try #require(Self.analyze(a, a).stereo), opposite = try #require(Self.analyze(a, a.map { -$0 }).stereo)
        let unrelated = try #require(Self.analyze(a, b).stereo), louder = try #require(Self.analyze(a, a.map { $0 / 2 }).stereo)
        #expect(same.width == 0 && same.correlation == 1 && same.balanceDb == 0)
        #expect(opposite.width == 1 && opposite.correlation == -1)
        #expect(abs(unrelated.width - 0.5) < 0.05 && abs(unrelated.correlation) < 0.1)
        #expect(abs(louder.balanceDb + 6.02) < 0.02)
    }

    @Test func risesAndDropsOfTheLevelHaveTimesAndSizes() throws {
        let loud = Synthesis.clicks(bpm: 120, seconds: 10)
        let changes = Self.analyze(loud.map { $0 / 8 } + loud + loud.map { $0 / 8 }).energyChanges
        #expect(changes.map(\.kind) == [.rise, .drop])
        let (rise, drop) = (try #require(changes.first), try #require(changes.last))
        #expect(abs(rise.time - 10.1) < 0.4 && abs(drop.time - 20) < 0.4)
        #expect(abs(rise.changeLu - 18) < 2.5 && abs(drop.changeLu + 18) < 2.5 && rise.confidence > 0.5)
        #expect(Self.analyze(loud).energyChanges.isEmpty)
    }

    @Test func theCepstrumTellsDarkFromBright() throws {
        let dark = Self.analyze((0 ..< 3 * Synthesis.rate).map { 0.3 * sine(110, $0) }).mfcc, bright = Self.analyze(Synthesis.noise(seconds: 3)).mfcc
        #expect(dark.mean.count == 13 && dark.deviation.count == 13)
        // The second coefficient weighs low bands against high ones.
        #expect(dark.mean[1] > bright.mean[1] + 5)
        // The first is the level alone of forty equal bands.
        #expect(Self.analyze([Float](repeating: 0, count: 1_000)).mfcc.mean.isEmpty)
    }

    @Test func chromaDeviatesWhereHarmonyMoves() {
        let moving = Self.analyze(Self.progression).chromaDeviation, held = Self.analyze((0 ..< 6 * Synthesis.rate).map { 0.3 * sine(440, $0) }).chromaDeviation
        #expect(moving.count == 12 && held.count == 12)
        #expect(moving.reduce(0, +) > held.reduce(0, +))
    }
}
