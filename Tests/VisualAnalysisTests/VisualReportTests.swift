import Foundation
import Testing
import VisualAnalysis

@Suite struct VisualReportTests {
    private func report() -> VisualReport {
        var analyzer = VisualAnalyzer()
        for index in 0..<100 { analyzer.add(Scene(seed: index / 50, shiftX: Double(index) * 0.08).thumbnail, seconds: Double(index) / 25) }
        let result = analyzer.finish()
        let frames = [0, 1].map { index in
            VisualReport.Frame(index: index, targetSeconds: Double(index) * 2, seconds: Double(index) * 2, frameIndex: index * 50, width: 512, height: 288,
                               features: result.frame(Scene(seed: index, shiftX: 4 * Double(index)).thumbnail, seconds: Double(index) * 2))
        }
        return VisualReport(clip: "a.mp4", features: result.features, frames: frames,
                            source: VisualReport.Source(durationSeconds: 4, width: 640, height: 360, framesPerSecond: 25, frames: 100, codec: "h264", container: "mov",
                                                        pixelFormat: "yuv420p", rotationDegrees: 0, isInterlaced: false, damagedPackets: 0, isTruncated: false))
    }

    @Test func itsKeysAreThoseThatReadersExpect() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(report())) as? [String: Any])
        #expect(object["clip"] as? String == "a.mp4")
        #expect(object["static"] is Bool)
        #expect(object["frame_times"] as? [Double] == [0, 2])
        #expect(object["cuts"] as? [Double] == [2])
        #expect((object["source"] as? [String: Any])?["duration_s"] as? Double == 4)
        #expect((object["motion_per_second"] as? [Double])?.count == 4)
    }

    @Test func itReadsBackAsItWasWritten() throws {
        let report = report()
        #expect(try JSONDecoder().decode(VisualReport.self, from: JSONEncoder().encode(report)) == report)
    }

    @Test func framesTellTheirShotAndTheCamera() {
        let frames = report().frames
        #expect(frames.map(\.features.shot) == [0, 1])
        // Content goes to the right: the camera looks to the left.
        #expect(frames[0].features.camera == .panLeft)
        #expect(frames.allSatisfy { $0.features.brightness > 0.2 && $0.features.brightness < 0.8 && !$0.features.colours.isEmpty })
    }
}
