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
        let video = try OpenedVideo(path: path, limits: limits)
        if let planned = try PlannedSampling(sampling: sampling, limits: limits).sample(video) { return planned }
        return try decodeAll(video.fromTheFirstPacket()) { _, _, _ in }
    }

    /// Takes the frames and shows every decoded frame's thumbnail on the way. Everything is decoded.
    ///
    /// - Parameters:
    ///   - path: a regular local file.
    ///   - visit: called for each decoded frame in output order, with its upright thumbnail, its seconds from the first displayed frame and its index.
    /// - Throws: as `sample(_:)`.
    public func sample(_ path: String, visit: (PictureThumbnail, _ seconds: Double, _ index: Int) -> Void) throws(MediaError) -> SampledVideo {
        try sampling.check()
        return try decodeAll(OpenedVideo(path: path, limits: limits), visit)
    }

    /// How reading came to its end.
    struct Ending {
        var damagedPackets = 0
        var readingProblem: String?
    }

    private func decodeAll(_ video: OpenedVideo, _ visit: (PictureThumbnail, Double, Int) -> Void) throws(MediaError) -> SampledVideo {
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
                       _ visit: (PictureThumbnail, Double, Int) -> Void) throws(MediaError) -> Int {
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
