import CLibAV

/// Takes the frames of a video that are on screen at given times, exactly. Runs on the calling thread.
public struct VideoSampler: Sendable {
    public var sampling: FrameSampling
    public var limits: MediaLimits
    /// What may decode in place of this process; nil for software alone. Frames are the same either way. Where a device cannot decode a video, or it says that
    /// anything went wrong, software decodes the video, from the first packet.
    public var hardware: HardwareDevices?

    public init(sampling: FrameSampling = FrameSampling(), limits: MediaLimits = MediaLimits(), hardware: HardwareDevices? = nil) {
        self.sampling = sampling
        self.limits = limits
        self.hardware = hardware
    }

    /// Takes the frames and decodes little more than they need; the result is that of a full decode.
    ///
    /// - Parameter path: a regular local file.
    /// - Throws: a `media.…` code when the file cannot be opened; `video.no_stream`, `video.codec_unknown`, `video.too_large`, `video.no_frames`,
    ///   `video.picture_failed`, `sampling.invalid`. Damage inside the file is not an error as long as a picture could be decoded.
    public func sample(_ path: String) throws(MediaError) -> SampledVideo {
        try sampling.check()
        return try sample(OpenedVideo(path: path, limits: limits), PlannedSampling(sampling: sampling, limits: limits, survey: nil), begin: {}, { _, _, _ in })
    }

    /// Called with a frame's upright thumbnail, its seconds from the first displayed frame, and its index in display order.
    public typealias Visit = (PictureThumbnail, _ seconds: Double, _ index: Int) -> Void

    /// Takes the frames and shows the video's thumbnails on the way.
    ///
    /// - Parameters:
    ///   - path: a regular local file.
    ///   - survey: which frames are shown; nil for every one, which decodes everything.
    ///   - begin: called before the first frame, and again where the video must be shown from its start.
    ///   - visit: called for the shown frames in output order.
    /// - Throws: as `sample(_:)`.
    public func sample(_ path: String, survey: FrameSurvey? = nil, begin: () -> Void = {}, visit: Visit) throws(MediaError) -> SampledVideo {
        try sampling.check()
        let planning = survey.map { PlannedSampling(sampling: sampling, limits: limits, survey: $0) }
        return try sample(OpenedVideo(path: path, limits: limits), planning, begin: begin, visit)
    }

    /// - Parameter planning: nil where everything is to be decoded.
    private func sample(_ video: OpenedVideo, _ planning: PlannedSampling?, begin: () -> Void, _ visit: Visit) throws(MediaError) -> SampledVideo {
        var planned: (PlannedSampling, PlannedSampling.Prepared)?
        if let planning, let prepared = try planning.prepare(video) { planned = (planning, prepared) }
        if let device = hardware?.device(for: video.codec) {
            if let sampled = try sample(video, planned, on: device, begin: begin, visit) { return sampled }
            LibAVLog.clear() // what a driver said is no cause of what software finds
        }
        if let (planning, prepared) = planned {
            begin()
            if let sampled = try planning.sample(video, by: prepared, on: nil, visit) { return sampled }
        }
        begin()
        let whole = try video.fromTheFirstPacket()
        let (run, ending) = try decodeAll(whole, whole.decoder(), visit)
        return try run.finish(ending)
    }

    /// - Returns: nil where the hardware did not decode the video to its end, or may have given other pictures than software.
    private func sample(_ video: OpenedVideo, _ planned: (PlannedSampling, PlannedSampling.Prepared)?, on device: HardwareDevice, begin: () -> Void,
                        _ visit: Visit) throws(MediaError) -> SampledVideo? {
        begin()
        if let (planning, prepared) = planned { return try planning.sample(video, by: prepared, on: device, visit) }
        let whole = try video.fromTheFirstPacket()
        guard let decoder = try whole.decoder(on: device) else { return nil }
        let (run, ending) = try decodeAll(whole, decoder, visit)
        // What was cut off in the middle of a picture is hidden in the hardware's own way.
        guard !decoder.isUnsure, !(decoder.usedHardware && ending.readingProblem != nil) else { return nil }
        var sampled = try run.finish(ending)
        if decoder.usedHardware { sampled.hardware = device.decoder }
        return sampled
    }

    /// How reading came to its end.
    struct Ending {
        var damagedPackets = 0
        var readingProblem: String?
    }

    /// Decodes until the video's end, a limit, or the first thing that makes the decoder unsure: what came so far is then of no use.
    private func decodeAll(_ video: OpenedVideo, _ decoder: VideoDecoder, _ visit: Visit) throws(MediaError) -> (VideoSamplingRun, Ending) {
        let run = try VideoSamplingRun(input: video.input, stream: video.stream, decoder: decoder, sampling: sampling)
        guard let packet = av_packet_alloc() else { throw .outOfMemory(video.input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var ending = Ending()
        reading: while !run.isTruncated, !decoder.isUnsure {
            switch try video.packets.next(into: packet) {
            case .packet:
                if !decoder.send(packet) { ending.damagedPackets += 1 }
                av_packet_unref(packet)
            case .tooMany:
                run.truncate()
                break reading
            case .end:
                break reading
            case .broken(let problem):
                ending.readingProblem = problem
                break reading
            }
            ending.damagedPackets += try drain(decoder, run, video.input, visit)
        }
        if !run.isTruncated, !decoder.isUnsure {
            _ = decoder.send(nil)
            ending.damagedPackets += try drain(decoder, run, video.input, visit)
        }
        return (run, ending)
    }

    /// Takes all pictures that the decoder has ready.
    ///
    /// - Returns: pictures that were damaged beyond use.
    private func drain(_ decoder: VideoDecoder, _ run: VideoSamplingRun, _ input: MediaInput,
                       _ visit: Visit) throws(MediaError) -> Int {
        var damaged = 0
        while !run.isTruncated, !decoder.isUnsure {
            switch decoder.receive(into: run.incoming) {
            case .picture:
                try input.deadline.check(input.path)
                try run.take(visit)
            case .damaged:
                damaged += 1
                // A decoder that only fails must not hold us here.
                if damaged > 64 { return damaged }
            case .hungry, .end:
                return damaged
            }
        }
        return damaged
    }
}
