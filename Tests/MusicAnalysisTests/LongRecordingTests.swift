import Foundation
import MusicAnalysis
import Testing

@Suite struct LongRecordingTests {
    private static let rate = Synthesis.rate
    /// Two songs, 11½ minutes together: C major at 100 BPM, then E minor at 120, each from one stretch that is repeated. The third piece of four hears both.
    private static let songs: [(bpm: Double, key: String, seconds: Double, loop: [Float])] = {
        func loop(_ chords: [(root: Int, isMinor: Bool)], bpm: Double) -> [Float] {
            let seconds = 16 * 60 / bpm
            return zip(Synthesis.progression(chords, beatsPerChord: 4, bpm: bpm, seconds: seconds), Synthesis.clicks(bpm: bpm, seconds: seconds, offset: 0)).map { $0 + 0.2 * $1 }
        }
        return [(100, "C major", 460.8, loop([(60, false), (65, false), (67, false), (60, false)], bpm: 100)),
                (120, "E minor", 232, loop([(64, true), (57, true), (59, true), (64, true)], bpm: 120))]
    }()

    /// As a decoder gives them: stereo, in blocks.
    private static func hear(expectingLength: Bool) -> (features: MusicFeatures, mostHeld: Int, duration: Double) {
        let blocks = songs.flatMap { song in [[Float]](repeating: song.loop, count: Int((song.seconds * Double(rate) / Double(song.loop.count)).rounded())) }
        let frames = blocks.reduce(0) { $0 + $1.count }
        var session = MusicAnalysisSession(sampleRate: rate, channelCount: 2, expectedFrames: expectingLength ? frames : nil)
        var mostHeld = 0
        for block in blocks {
            session.append([block, block.map { 0.8 * $0 }])
            mostHeld = max(mostHeld, session.heldSampleCount)
        }
        return (session.finish().features, mostHeld, Double(frames) / Double(rate))
    }

    @Test func aLongRecordingIsReadInPiecesThatFitTogether() throws {
        let (features, mostHeld, duration) = Self.hear(expectingLength: true)
        let passages = try #require(features.passages)
        #expect(passages.count == 4)
        #expect(passages.first?.start == 0 && abs((passages.last?.end ?? 0) - duration) < 0.001)
        #expect(zip(passages, passages.dropFirst()).allSatisfy { $0.end == $1.start })
        // Not more than a piece, what the last must have, and a stretch: whatever the length.
        #expect(mostHeld <= 2 * Self.rate * (210 + 45 + 10))

        // Each song keeps its beat across the pieces' borders, but for the piece that hears both.
        let change = Self.songs[0].seconds
        for (song, stretch) in zip(Self.songs, [1 ... passages[1].end, passages[3].start ... duration - 1]) {
            let beats = features.beats.filter(stretch.contains)
            let intervals = zip(beats, beats.dropFirst()).map { $1 - $0 }
            #expect(intervals.allSatisfy { abs($0 - 60 / song.bpm) < 0.06 }, "\(song.key)")
            #expect(abs(Double(beats.count) - (stretch.upperBound - stretch.lowerBound) * song.bpm / 60) < 3)
        }
        #expect(passages.first?.key == "C major" && passages.last?.key == "E minor")
        #expect(abs((passages.first?.tempoBpm ?? 0) - 100) < 0.5 && abs((passages.last?.tempoBpm ?? 0) - 120) < 0.5)
        // Neither tempo is the whole's for sure.
        let tempi = try [#require(features.tempoBpm)] + features.tempoAlternatives.map(\.bpm)
        #expect([100, 120].allSatisfy { bpm in tempi.contains { abs($0 - bpm) < 1 } })
        #expect(features.tempoConfidence < 0.75)

        #expect(features.chords.first?.start == 0 && zip(features.chords, features.chords.dropFirst()).allSatisfy { $0.end == $1.start && $0.label != $1.label })
        #expect(features.windows.count == Int((duration / 2).rounded(.up)))
        #expect(features.sections.contains { abs($0.start - change) < 3 })
        #expect(features.loudness.perSecondLufs.count == Int(duration.rounded(.up)) && features.stereo?.balanceDb == -1.94)
        let json = try JSONEncoder().encode(features)
        #expect(try JSONDecoder().decode(MusicFeatures.self, from: json) == features)
    }

    @Test func whatAHeaderSaysOfTheLengthDoesNotMatter() {
        let short = Array(Self.songs[0].loop.prefix(Self.rate * 4))
        func features(_ expected: Int?) -> MusicFeatures {
            var session = MusicAnalysisSession(sampleRate: Self.rate, channelCount: 1, expectedFrames: expected)
            session.append([short])
            return session.finish().features
        }
        #expect(features(nil) == features(short.count))
        // Promises hours and has seconds.
        #expect(features(Self.rate * 36_000) == features(short.count))
        #expect(features(short.count).passages == nil)
    }

    @Test func blocksOfAnySizeGiveTheSame() {
        let music = Self.songs[0].loop
        func features(_ sizes: [Int]) -> MusicFeatures {
            var session = MusicAnalysisSession(sampleRate: Self.rate, channelCount: 2)
            var (first, turn) = (0, 0)
            while first < music.count {
                let last = min(music.count, first + sizes[turn % sizes.count])
                session.append([Array(music[first ..< last]), music[first ..< last].map { -$0 }])
                (first, turn) = (last, turn + 1)
            }
            return session.finish().features
        }
        #expect(features([music.count]) == features([1, 1_151, 7, 16_384, 200_000]))
    }
}
