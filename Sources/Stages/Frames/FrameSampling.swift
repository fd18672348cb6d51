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
    /// Whether frames move into the shots that fill their stretches (``FrameAlignment/shots``). Takes a second pass over the video.
    public var isShotAware = false

    public init() {}
}

/// Takes a video's frames and describes it. Runs on the calling thread for as long as decoding takes.
///
/// - Parameters:
///   - path: a local video file.
///   - clip: the name that the report carries.
///   - hardware: what may decode in place of this process. No result depends on it.
/// - Throws: `media.…`, `video.…` and `sampling.…` codes of `MediaError`.
public func sampleFrames(path: String, clip: String, settings: FrameSamplingSettings = FrameSamplingSettings(),
                         hardware: HardwareDevices? = nil) throws(MediaError) -> FrameSamples {
    var (video, analysis) = try look(at: path, settings.sampling, settings.limits, hardware)
    if settings.isShotAware {
        let aligned = settings.sampling.aligned(toShotsBetween: analysis.features.cuts, duration: video.durationSeconds)
        if aligned != settings.sampling { video.takeFrames(of: try VideoSampler(sampling: aligned, limits: settings.limits, hardware: hardware).sample(path)) }
    }
    let frames = video.frames.map { frame in
        VisualReport.Frame(index: frame.target, targetSeconds: frame.targetSeconds, seconds: frame.seconds, frameIndex: frame.index,
                           width: frame.jpegWidth, height: frame.jpegHeight, features: analysis.frame(Thumbnail(frame.thumbnail), seconds: frame.seconds), md5: frame.md5)
    }
    let report = VisualReport(clip: clip, features: analysis.features, frames: frames, source: VisualReport.Source(video))
    return FrameSamples(report: report, jpegs: video.frames.map(\.jpeg), contactSheet: video.contactSheet)
}

/// Only the frames, with the least decoding. Runs on the calling thread.
///
/// - Throws: as ``sampleFrames(path:clip:settings:hardware:)``.
func sampleFramesOnly(path: String, settings: FrameSamplingSettings, hardware: HardwareDevices? = nil) throws(MediaError) -> SampledVideo {
    guard settings.isShotAware else { return try VideoSampler(sampling: settings.sampling, limits: settings.limits, hardware: hardware).sample(path) }
    // Where the shots are can only be told by looking.
    var first = settings.sampling
    first.count = 1
    first.includesContactSheet = false
    let (video, analysis) = try look(at: path, first, settings.limits, hardware)
    let aligned = settings.sampling.aligned(toShotsBetween: analysis.features.cuts, duration: video.durationSeconds)
    return try VideoSampler(sampling: aligned, limits: settings.limits, hardware: hardware).sample(path)
}

/// Takes the frames and analyses the video on the way.
private func look(at path: String, _ sampling: FrameSampling, _ limits: MediaLimits, _ hardware: HardwareDevices?) throws(MediaError) -> (SampledVideo, VisualAnalysisResult) {
    var analyzer = VisualAnalyzer()
    let video = try VideoSampler(sampling: sampling, limits: limits, hardware: hardware).sample(path, survey: FrameSurvey(), begin: { analyzer = VisualAnalyzer() }) { picture, seconds, _ in
        analyzer.add(Thumbnail(picture), seconds: seconds)
    }
    return (video, analyzer.finish())
}

extension FrameSampling {
    fileprivate func aligned(toShotsBetween cuts: [Double], duration: Double) -> FrameSampling {
        var aligned = self
        let times = FrameAlignment.withinShots(targets, interval: intervalSeconds, cuts: cuts, duration: duration)
        if times != targets { aligned.explicitTargets = times }
        return aligned
    }
}

extension SampledVideo {
    /// What was learnt on the first pass stays.
    fileprivate mutating func takeFrames(of second: SampledVideo) {
        frames = second.frames
        contactSheet = second.contactSheet
    }
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
