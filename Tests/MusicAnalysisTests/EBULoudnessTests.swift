import Foundation
import MusicAnalysis
import Testing

/// The synthetic cases of EBU Tech 3341 (minimum requirements of a meter) and 3342 (loudness range), with the tolerances that stand there.
@Suite struct EBULoudnessTests {
    private static let rate = 48_000

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// dBFS of each channel and seconds, one after the other.
        var parts: [(levels: [Double], seconds: Double)]
        var expected: Double
    }

    private static func stereo(_ level: Double, _ seconds: Double) -> (levels: [Double], seconds: Double) { ([level, level], seconds) }

    private static let integrated = [
        Case(testDescription: "3341-1", parts: [stereo(-23, 20)], expected: -23),
        Case(testDescription: "3341-2", parts: [stereo(-33, 20)], expected: -33),
        Case(testDescription: "3341-3", parts: [stereo(-36, 10), stereo(-23, 60), stereo(-36, 10)], expected: -23),
        Case(testDescription: "3341-4", parts: [stereo(-72, 10), stereo(-36, 10), stereo(-23, 60), stereo(-36, 10), stereo(-72, 10)], expected: -23),
        Case(testDescription: "3341-5", parts: [stereo(-26, 20), stereo(-20, 20.1), stereo(-26, 20)], expected: -23),
        // Left, right, centre, the two surround channels.
        Case(testDescription: "3341-6", parts: [([-28, -28, -24, -30, -30], 20)], expected: -23),
    ]
    private static let range = [
        Case(testDescription: "3342-1", parts: [stereo(-20, 20), stereo(-30, 20)], expected: 10),
        Case(testDescription: "3342-2", parts: [stereo(-20, 20), stereo(-15, 20)], expected: 5),
        Case(testDescription: "3342-3", parts: [stereo(-40, 20), stereo(-20, 20)], expected: 20),
        Case(testDescription: "3342-4", parts: [stereo(-50, 20), stereo(-35, 20), stereo(-20, 20), stereo(-35, 20), stereo(-50, 20)], expected: 15),
    ]

    private static func loudness(_ given: Case) -> MusicFeatures.Loudness {
        var session = MusicAnalysisSession(sampleRate: rate, channelCount: given.parts[0].levels.count)
        for part in given.parts {
            let tone = (0 ..< Int(part.seconds * Double(rate))).map { Float(sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
            session.append(part.levels.map { level in
                let gain = Float(pow(10, level / 20))
                return tone.map { gain * $0 }
            })
        }
        return session.finish().features.loudness
    }

    @Test(arguments: integrated) func programmeLoudness(_ given: Case) throws {
        #expect(abs(try #require(Self.loudness(given).integratedLufs) - given.expected) <= 0.1)
    }

    @Test(arguments: range) func loudnessRange(_ given: Case) throws {
        #expect(abs(try #require(Self.loudness(given).rangeLu) - given.expected) <= 1)
    }

    /// 3341-12 and -9 in one: what is loud for 0.4 s or 3 s is a maximum of −23.
    @Test func momentaryAndShortTermMaxima() throws {
        let bursts = (0 ..< 5).flatMap { _ in [Self.stereo(-20, 1.34), Self.stereo(-30, 1.66)] }
        let shortTerm = Self.loudness(Case(testDescription: "3341-9", parts: bursts, expected: -23))
        #expect(abs(try #require(shortTerm.shortTermMaxLufs) + 23) <= 0.1)
        let moments = (0 ..< 25).flatMap { _ in [Self.stereo(-20, 0.18), Self.stereo(-30, 0.22)] }
        let momentary = Self.loudness(Case(testDescription: "3341-12", parts: moments, expected: -23))
        #expect(abs(try #require(momentary.momentaryMaxLufs) + 23) <= 0.1)
    }

    /// 3341-15…18: a sine at a quarter of the rate at several phases: −6 dBTP, +0.2 or −0.4.
    @Test(arguments: [0, 45, 60, 67.5]) func truePeak(phase: Double) throws {
        let tone = (0 ..< Self.rate).map { Float(0.5 * sin(Double.pi / 2 * Double($0) + phase * Double.pi / 180)) }
        let peak = try #require(MusicAnalyzer().analyze(AudioSamples(sampleRate: Self.rate, channels: [tone, tone])).loudness.truePeakDbtp)
        #expect(peak <= -5.8 && peak >= -6.4)
    }
}
