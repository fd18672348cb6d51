import Captioning
import FleetModel
import MusicAnalysis
import Stages
import Testing
import VisualAnalysis

struct VisualFactsTests {
    /// Four seconds of a plain picture that changes its grey after two, sampled at 0 and 2 s.
    private func report(isStill: Bool = false) -> VisualReport {
        func picture(_ level: UInt8) -> Thumbnail {
            Thumbnail(width: 32, height: 16, luma: (0..<512).map { UInt8(($0 * 7 + $0 / 32) % 40) + level }, blueDifference: [UInt8](repeating: 128, count: 512),
                      redDifference: [UInt8](repeating: 128, count: 512))
        }
        var analyzer = VisualAnalyzer()
        for index in 0..<100 { analyzer.add(picture(isStill || index < 50 ? 20 : 200), seconds: Double(index) / 25) }
        let result = analyzer.finish()
        let frames = [0, 1].map { index in
            VisualReport.Frame(index: index, targetSeconds: Double(index) * 2, seconds: Double(index) * 2, frameIndex: index * 50, width: 512, height: 288,
                               features: result.frame(picture(isStill || index == 0 ? 20 : 200), seconds: Double(index) * 2))
        }
        return VisualReport(clip: "", features: result.features, frames: frames,
                            source: VisualReport.Source(durationSeconds: 4, width: 640, height: 360, framesPerSecond: 25, frames: 100, codec: "h264", container: "mov",
                                                        pixelFormat: "yuv420p", rotationDegrees: 0, isInterlaced: false, damagedPackets: 0, isTruncated: false))
    }

    @Test func `what was measured of frames comes through`() throws {
        var report = report()
        report.frames[0].features.camera = .zoomIn
        report.frames[0].features.saturation = 0.3
        report.frames[1].features.saturation = 0.9
        report.frames[1].features.shot = report.frames[0].features.shot + 1
        let facts = Captioning.VisualFacts(FramesOutput(report: report, blobs: []))
        #expect(facts.duration == 4)
        #expect(facts.cuts == report.cuts)
        #expect(facts.frames.map(\.index) == [1, 2])
        #expect(facts.frames.map(\.time) == [0, 2])
        #expect(facts.frames.map(\.brightness) == report.frames.map(\.features.brightness))
        #expect(facts.frames[0].camera == .zoomIn)
        // Distance from grey is half of what is called saturation, and never more than all of it.
        #expect(facts.frames.map(\.saturation) == [0.6, 1])
        #expect(facts.frames.map(\.isFirstAfterCut) == [false, true])
        #expect(facts.palette.map(\.name) == report.palette.map(\.name))
        #expect(!facts.isStatic && facts.staticKind == nil)
    }

    @Test func `motion is 0 for a still and stays below 1`() {
        var report = report(isStill: true)
        let still = Captioning.VisualFacts(FramesOutput(report: report, blobs: []))
        #expect(still.motionMean == 0)
        #expect(still.isStatic && still.staticKind == report.staticKind.rawValue)
        report.motionPerSecond = [0.02]
        let some = Captioning.VisualFacts(FramesOutput(report: report, blobs: [])).motionMean
        report.motionPerSecond = [0.4]
        let much = Captioning.VisualFacts(FramesOutput(report: report, blobs: [])).motionMean
        #expect(0 < some && some < much && much <= 1)
        report.motionPerSecond = []
        #expect(Captioning.VisualFacts(FramesOutput(report: report, blobs: [])).motionMean == 0)
    }
}

struct MusicFactsTests {
    private func report(_ samples: [Float]) -> AudioReport {
        AudioReport(clip: "", isAvailable: true, reason: nil, duration: 2, startTime: 0, sampleRate: 22_050, channels: 1, container: "wav", codec: "pcm_s16le",
                    isTruncated: false, warnings: [], features: MusicAnalyzer().analyze(AudioSamples(sampleRate: 22_050, channels: [samples])))
    }

    @Test func `a clip without sound has no facts of music`() {
        let facts = Captioning.MusicFacts(AudioReport.unavailable(reason: "the file has no audio stream"))
        #expect(facts == .unavailable)
        #expect(!facts.isAudible)
    }

    @Test func `silence is there, and is silent`() {
        let facts = Captioning.MusicFacts(report([Float](repeating: 0, count: 44_100)))
        #expect(facts.isAvailable && facts.isSilent && !facts.isAudible)
        #expect(facts.duration == 2)
        // Nothing that a text could claim.
        #expect(facts.tempo == nil && facts.key == nil && facts.onsetRate == nil && facts.percussiveness == nil)
        #expect(facts.energyArc.allSatisfy { $0 == -70 })
    }

    @Test func `what was measured of music comes through`() {
        var report = report([Float](repeating: 0, count: 44_100))
        report.features.isSilent = false
        report.features.tempoBpm = 120
        report.features.tempoConfidence = 0.8
        report.features.tempoAlternatives = []
        report.features.beats = [0.5, 1]
        report.features.downbeats = [0.5]
        report.features.beatsPerBar = 4
        report.features.key = "D# minor"
        report.features.keyConfidence = 0.7
        report.features.onsetRate = 3
        report.features.loudness.integratedLufs = -14
        report.features.loudness.perSecondLufs = [-14, nil]
        let facts = Captioning.MusicFacts(report)
        #expect(facts.isAudible)
        #expect(facts.tempo == 120 && facts.tempoConfidence == 0.8)
        #expect(facts.beats == [0.5, 1] && facts.downbeats == [0.5] && facts.beatsPerBar == 4)
        #expect(facts.key == "D# minor" && facts.keyConfidence == 0.7)
        #expect(facts.onsetRate == 3)
        #expect(facts.integratedLoudness == -14)
        #expect(facts.energyArc == [-14, -70])
    }

    @Test func `what the catalogue says comes through, without names`() {
        let clip = Clip(id: "x", title: "Title", artist: "Artist", album: "Album", language: "en", genres: ["rock"], tags: ["loud"],
                        metadata: ["energy": 0.5, "valence": 0.25, "danceability": 1, "release": 2010])
        #expect(SourceFacts(clip) == SourceFacts(genres: ["rock"], tags: ["loud"], energy: 0.5, valence: 0.25, danceability: 1, releaseYear: 2010, language: "en"))
        #expect(SourceFacts(Clip(id: "y", metadata: ["release": .infinity])).releaseYear == nil)
    }
}
