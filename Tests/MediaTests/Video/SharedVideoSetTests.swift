import Foundation
import Media
import Testing

/// The labelled clips beside the project, where they are present.
enum SharedVideoSet {
    static let folder: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"].map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared/data")
        let folder = data.appendingPathComponent("video")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("labels.json").path) ? folder : nil
    }()

    struct Label: Decodable {
        var clip: String
        var duration: Double
        var frame_times: [Double]
        var frame_index: [Int]
        var frame_md5: [String]
    }

    struct BadLabel: Decodable {
        var clip: String
        var expect: String
        var frames: Int?
        var min_frames: Int?
    }

    static func labels<Label: Decodable>(_ name: String) throws -> [Label] {
        guard let folder else { return [] }
        return try JSONDecoder().decode([Label].self, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

@Suite(.enabled(if: SharedVideoSet.folder != nil, "the labelled clips (MVFLEET_SHARED_DATA) are not here"))
struct SharedVideoSetTests {
    /// Planes are compared with FFmpeg's own (framemd5).
    private func expectTheReferenceDecodersFrames(_ clip: String, _ sample: (VideoSampler, String) throws -> SampledVideo) throws {
        let folder = try #require(SharedVideoSet.folder)
        let labels: [SharedVideoSet.Label] = try SharedVideoSet.labels("labels.json")
        let label = try #require(labels.first { $0.clip == clip })
        var sampling = FrameSampling()
        sampling.includesFrameMD5 = true
        let result = try sample(VideoSampler(sampling: sampling), folder.appendingPathComponent("clips/\(clip)").path)
        #expect(result.frames.map(\.index) == label.frame_index)
        #expect(result.frames.map(\.md5) == label.frame_md5)
        #expect(result.frames.count == label.frame_times.count)
        for (frame, expected) in zip(result.frames, label.frame_times) { #expect(abs(frame.seconds - expected) < 0.0015) }
        #expect(abs(result.durationSeconds - label.duration) < 0.001)
    }

    @Test func everyFrameOfTheWholeSetIsTheReferenceDecoders() throws {
        let labels: [SharedVideoSet.Label] = try SharedVideoSet.labels("labels.json")
        #expect(!labels.isEmpty)
        for label in labels { try expectTheReferenceDecodersFrames(label.clip) { try $0.sample($1) } }
    }

    /// The cheaper half of the set: odd time stamps, packed B-frames, rotation, interlacing, one frame a second.
    @Test(arguments: ["d04_nasa_dark.avi", "d11_rotate90.mp4", "d12_vfr.mp4", "d13_interlaced.ts", "d15_dupts.mkv", "d19_lowbitrate.avi", "s04_visualiser.webm", "s08_1fps.mp4"])
    func everyFrameIsTheReferenceDecodersInAFullDecodeAndInASurvey(clip: String) throws {
        try expectTheReferenceDecodersFrames(clip) { try $0.sample($1) { _, _, _ in } }
        try expectTheReferenceDecodersFrames(clip) { try $0.sample($1, survey: FrameSurvey()) { _, _, _ in } }
    }

    @Test func badInputsEndAsLabelled() throws {
        let folder = try #require(SharedVideoSet.folder)
        let labels: [SharedVideoSet.BadLabel] = try SharedVideoSet.labels("labels_bad.json")
        #expect(!labels.isEmpty)
        for label in labels {
            let result = Result { try VideoSampler().sample(folder.appendingPathComponent("bad/\(label.clip)").path) }
            switch (label.expect, result) {
            case ("error", .failure(let error)), ("error_or_zero_frames", .failure(let error)): #expect(error is MediaError, "\(label.clip)")
            case ("ok", .success(let video)): #expect(video.frames.count == label.frames, "\(label.clip)")
            case ("ok_partial", .success(let video)): #expect(video.frames.count >= label.min_frames ?? 1, "\(label.clip)")
            default: Issue.record("\(label.clip): expected \(label.expect), got \(result)")
            }
        }
    }
}
