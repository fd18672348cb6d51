import CLibAV

/// Takes the frames of a video that are on screen at given times, exactly. Runs on the calling thread.
public struct VideoSampler: Sendable {
    public var sampling: FrameSampling
    public var limits: MediaLimits

    public init(sampling: FrameSampling = FrameSampling(), limits: MediaLimits = MediaLimits()) {
        self.sampling = sampling
        self.limits = limits
    }

    /// Takes the frames and decodes little more than they need; the result is that of a full decode.
    ///
    /// - Parameter path: a regular local file.
    /// - Throws: a `media.…` code when the file cannot be opened; `video.no_stream`, `video.codec_unknown`, `video.too_large`, `video.no_frames`,
    ///   `video.picture_failed`, `sampling.invalid`. Damage inside the file is not an error as long as a picture could be decoded.
    public func sample(_ path: String) throws(MediaError) -> SampledVideo {
        try sampling.check()
        return try samplePlanned(path, survey: nil, begin: {}, visit: { _, _, _ in })
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
        if let survey { return try samplePlanned(path, survey: survey, begin: begin, visit: visit) }
        begin()
        return try decodeAll(OpenedVideo(path: path, limits: limits), visit)
    }

    private func samplePlanned(_ path: String, survey: FrameSurvey?, begin: () -> Void, visit: Visit) throws(MediaError) -> SampledVideo {
        let video = try OpenedVideo(path: path, limits: limits)
        begin()
        if let planned = try PlannedSampling(sampling: sampling, limits: limits, survey: survey).sample(video, visit) { return planned }
        begin()
        return try decodeAll(video.fromTheFirstPacket(), visit)
    }

    /// How reading came to its end.
    struct Ending {
        var damagedPackets = 0
        var readingProblem: String?
    }

    private func decodeAll(_ video: OpenedVideo, _ visit: Visit) throws(MediaError) -> SampledVideo {
        let decoder = try video.decoder()
        let run = try VideoSamplingRun(input: video.input, stream: video.stream, decoder: decoder, sampling: sampling)
        guard let packet = av_packet_alloc() else { throw .outOfMemory(video.input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var ending = Ending()
        reading: while !run.isTruncated {
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
        if !run.isTruncated {
            _ = decoder.send(nil)
            ending.damagedPackets += try drain(decoder, run, video.input, visit)
        }
        return try run.finish(ending)
    }

    /// Takes all pictures that the decoder has ready.
    ///
    /// - Returns: pictures that were damaged beyond use.
    private func drain(_ decoder: VideoDecoder, _ run: VideoSamplingRun, _ input: MediaInput,
                       _ visit: Visit) throws(MediaError) -> Int {
        var damaged = 0
        while !run.isTruncated {
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
