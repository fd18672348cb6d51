import CLibAV

/// Takes a video's frames by a plan: looks at all packets, then decodes those that the wanted frames need.
///
/// It vouches for what it returns. Where no plan can be made, or decoding does not go by it (a frame that does not come, damage), there is nil and the video
/// is decoded in full.
struct PlannedSampling {
    /// What was found out about a video's packets.
    struct Prepared {
        var plan: FramePlan
        var packets: [FramePlan.Packet]
    }

    /// Media time between a picture's decoding and its display, at most; what is decoded later than this after the last target is not needed for it.
    private static let slackSeconds = 1.0

    let sampling: FrameSampling
    let limits: MediaLimits
    /// nil where only the targets' frames are wanted.
    let survey: FrameSurvey?

    /// - Parameter video: at its first packet.
    /// - Returns: nil where no plan can be made.
    func prepare(_ video: OpenedVideo) throws(MediaError) -> Prepared? {
        guard let inspector = PacketInspector(stream: video.stream), survey == nil || inspector.skipsUnreferencedPictures else { return nil }
        let clock = PresentationClock(stream: video.stream)
        let scan = PacketScan(queue: video.packets, inspector: inspector, secondsPerTick: av_q2d(video.stream.pointee.time_base),
                              maximumSeconds: limits.maximumDuration.seconds, lastNeededSeconds: survey == nil ? (sampling.targets.last ?? 0) + Self.slackSeconds : nil)
        guard case .success(let packets) = try scan.packets(),
              let plan = try? FramePlan(packets: packets, clock: clock, targets: sampling.targets, maximumFrames: limits.maximumFrames,
                                        maximumSeconds: limits.maximumDuration.seconds, survey: survey) else { return nil }
        return Prepared(plan: plan, packets: packets)
    }

    /// May be called again on the same video, with another decoder.
    ///
    /// - Parameter device: decodes in place of this process where it can.
    /// - Returns: nil where decoding does not go by the plan.
    func sample(_ video: OpenedVideo, by prepared: Prepared, on device: HardwareDevice?, _ visit: VideoSampler.Visit) throws(MediaError) -> SampledVideo? {
        let isKept = video.packets.keptCount >= prepared.plan.runs.last?.upperBound ?? 0
        let source = isKept ? video : try OpenedVideo(path: video.input.path, limits: limits, deadline: video.input.deadline)
        source.packets.rewind()
        guard let decoder = try source.decoder(on: device) else { return nil }
        var sampled = try PlannedDecoding(plan: prepared.plan, packets: prepared.packets, video: source, decoder: decoder, sampling: sampling).sample(visit)
        if decoder.usedHardware { sampled?.hardware = device?.decoder }
        return sampled
    }
}
