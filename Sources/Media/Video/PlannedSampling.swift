import CLibAV

/// Takes a video's frames by a plan: looks at all packets, then decodes those that the wanted frames need.
///
/// It vouches for what it returns. Where no plan can be made, or decoding does not go by it (a frame that does not come, damage), it returns nil and the video
/// is decoded in full.
struct PlannedSampling {
    /// Media time between a picture's decoding and its display, at most; what is decoded later than this after the last target is not needed for it.
    private static let slackSeconds = 1.0

    let sampling: FrameSampling
    let limits: MediaLimits
    /// nil where only the targets' frames are wanted.
    let survey: FrameSurvey?

    func sample(_ video: OpenedVideo, _ visit: VideoSampler.Visit) throws(MediaError) -> SampledVideo? {
        guard let inspector = PacketInspector(stream: video.stream), survey == nil || inspector.skipsUnreferencedPictures else { return nil }
        let clock = PresentationClock(stream: video.stream)
        let scan = PacketScan(queue: video.packets, inspector: inspector, secondsPerTick: av_q2d(video.stream.pointee.time_base),
                              maximumSeconds: limits.maximumDuration.seconds, lastNeededSeconds: survey == nil ? (sampling.targets.last ?? 0) + Self.slackSeconds : nil)
        guard case .success(let packets) = try scan.packets(),
              let plan = try? FramePlan(packets: packets, clock: clock, targets: sampling.targets, maximumFrames: limits.maximumFrames,
                                        maximumSeconds: limits.maximumDuration.seconds, survey: survey) else { return nil }
        let isKept = video.packets.keptCount >= plan.runs.last?.upperBound ?? 0
        let source = isKept ? video : try OpenedVideo(path: video.input.path, limits: limits, deadline: video.input.deadline)
        source.packets.rewind()
        return try PlannedDecoding(plan: plan, packets: packets, video: source, sampling: sampling).sample(visit)
    }
}
