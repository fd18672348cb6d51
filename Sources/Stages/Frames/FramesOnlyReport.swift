import Media
import VisualAnalysis

/// What `mvfleet sample --frames-only` prints for one video: the frames and their times, in the words of `VisualReport`, and nothing that takes a look at the rest.
struct FramesOnlyReport: Hashable, Sendable, Codable {
    struct Frame: Hashable, Sendable, Codable {
        var index: Int
        var targetSeconds: Double
        var seconds: Double
        /// Index of the frame in display order, from 0.
        var frameIndex: Int
        /// Size of the JPEG in pixels.
        var width: Int
        var height: Int
        /// Of the raw planes, as `ffmpeg -f framemd5` prints it; only when asked for.
        var md5: String?

        enum CodingKeys: String, CodingKey {
            case index, targetSeconds = "target_s", seconds = "time_s", frameIndex = "frame_index", width, height, md5
        }
    }

    var clip: String
    var frameTimes: [Double]
    var frames: [Frame]
    var source: VisualReport.Source

    init(clip: String, video: SampledVideo) {
        self.clip = clip
        frames = video.frames.map {
            Frame(index: $0.target, targetSeconds: Self.rounded($0.targetSeconds), seconds: Self.rounded($0.seconds), frameIndex: $0.index,
                  width: $0.jpegWidth, height: $0.jpegHeight, md5: $0.md5)
        }
        frameTimes = frames.map(\.seconds)
        source = VisualReport.Source(video)
    }

    /// To microseconds, as the full report's times are.
    private static func rounded(_ seconds: Double) -> Double { (seconds * 1_000_000).rounded() / 1_000_000 }

    enum CodingKeys: String, CodingKey {
        case clip, frameTimes = "frame_times", frames, source
    }
}
