import Foundation
import MusicAnalysis
import Testing

@Suite struct BarPointerDecoderTests {
    private static let decoder = BarPointerDecoder()

    /// A log-likelihood ratio of 3 at the given frames, −3 elsewhere.
    private static func ratios(_ frames: [Int], count: Int) -> [Float] {
        var result = [Float](repeating: -3, count: count)
        for frame in frames where frame < count { result[frame] = 3 }
        return result
    }

    @Test(arguments: [14, 25, 31, 60])
    func findsEvenBeats(period: Int) {
        let beats = Array(stride(from: period / 2, to: 1_000, by: period))
        let path = Self.decoder.decode([Self.ratios(beats, count: 1_000)], period: Double(period) * 1.04, range: 1.16)
        #expect(path.frames == beats)
    }

    @Test func bridgesBeatsThatAreNotHeard() {
        let beats = Array(stride(from: 10, to: 1_000, by: 30))
        let heard = beats.enumerated().filter { $0.offset % 5 != 3 }.map(\.element)
        #expect(Self.decoder.decode([Self.ratios(heard, count: 1_000)], period: 30, range: 1.16).frames == beats)
    }

    @Test func followsATempoThatFallsByAThird() {
        var (beats, at) = ([Int](), 10.0)
        while at < 1_500 {
            beats.append(Int(at.rounded()))
            at += 25 * (1 + 0.33 * at / 1_500)
        }
        let path = Self.decoder.decode([Self.ratios(beats, count: 1_500)], period: 29, range: 1.35)
        #expect(path.frames == beats)
    }

    @Test(arguments: [2, 3, 4])
    func keepsThePositionInTheBar(beatsPerBar: Int) {
        let beats = Array(stride(from: 5, to: 1_500, by: 25))
        let downbeats = beats.enumerated().filter { $0.offset % beatsPerBar == 1 }.map(\.element)
        let others = beats.filter { !downbeats.contains($0) }
        let rewards = [Self.ratios(downbeats, count: 1_500)] + [[Float]](repeating: Self.ratios(others, count: 1_500), count: beatsPerBar - 1)
        let path = Self.decoder.decode(rewards, period: 25, range: 1.16)
        #expect(path.frames == beats)
        #expect(path.positions.enumerated().filter { $0.element == 0 }.map { path.frames[$0.offset] } == downbeats)
    }

    @Test func hasNoBeatsWhereThereIsNoTime() {
        #expect(Self.decoder.decode([[]], period: 25, range: 1.16).frames.isEmpty)
        #expect(Self.decoder.decode([], period: 25, range: 1.16).frames.isEmpty)
    }
}
