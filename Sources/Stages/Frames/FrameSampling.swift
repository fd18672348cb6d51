import Media
import VisualAnalysis

/// A video's taken frames: the report, and the JPEG of each of its frames, in order.
public struct FrameSamples: Sendable {
    public var report: VisualReport
    /// One JPEG for each of `report.frames`.
    public var jpegs: [[UInt8]]
    /// All of them in one JPEG, when asked for.
    public var contactSheet: [UInt8]?
}

/// How frames are sampled: the recipe's part of it, and the limits.
public struct FrameSamplingSettings: Hashable, Sendable, Codable {
    public var sampling = FrameSampling()
    public var limits = MediaLimits()

    public init() {}
}

/// Takes a video's frames and describes it. Runs on the calling thread for as long as decoding takes.
///
/// - Parameters:
///   - path: a local video file.
///   - clip: the name that the report carries.
/// - Throws: `media.…`, `video.…` and `sampling.…` codes of `MediaError`.
public func sampleFrames(path: String, clip: String, settings: FrameSamplingSettings = FrameSamplingSettings()) throws(MediaError) -> FrameSamples {
    var analyzer = VisualAnalyzer()
    let video = try VideoSampler(sampling: settings.sampling, limits: settings.limits).sample(path, survey: FrameSurvey(), begin: { analyzer = VisualAnalyzer() }) { picture, seconds, _ in
        analyzer.add(Thumbnail(picture), seconds: seconds)
    }
    let analysis = analyzer.finish()
    let frames = video.frames.map { frame in
        VisualReport.Frame(index: frame.target, targetSeconds: frame.targetSeconds, seconds: frame.seconds, frameIndex: frame.index,
                           width: frame.jpegWidth, height: frame.jpegHeight, features: analysis.frame(Thumbnail(frame.thumbnail), seconds: frame.seconds), md5: frame.md5)
    }
    let report = VisualReport(clip: clip, features: analysis.features, frames: frames, source: VisualReport.Source(video))
    return FrameSamples(report: report, jpegs: video.frames.map(\.jpeg), contactSheet: video.contactSheet)
}

extension Thumbnail {
    fileprivate init(_ picture: PictureThumbnail) {
        self.init(width: picture.width, height: picture.height, luma: picture.luma, blueDifference: picture.blueDifference, redDifference: picture.redDifference)
    }
}

extension VisualReport.Source {
    init(_ video: SampledVideo) {
        self.init(durationSeconds: video.durationSeconds, width: video.stream.displayWidth, height: video.stream.displayHeight,
                  framesPerSecond: video.framesPerSecond, frames: video.decodedFrames, codec: video.stream.codec, container: video.stream.container,
                  pixelFormat: video.stream.pixelFormat, rotationDegrees: video.stream.rotationDegrees, isInterlaced: video.stream.isInterlaced,
                  damagedPackets: video.damagedPackets, isTruncated: video.isTruncated)
    }
}
