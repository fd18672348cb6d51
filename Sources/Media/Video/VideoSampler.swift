import CLibAV

/// Takes the frames of a video that are on screen at given times, exactly, and shows every decoded frame's thumbnail to a visitor on the way.
///
/// Everything is decoded once, on the calling thread: cuts and motion need every frame.
public struct VideoSampler: Sendable {
    public var sampling: FrameSampling
    public var limits: MediaLimits

    public init(sampling: FrameSampling = FrameSampling(), limits: MediaLimits = MediaLimits()) {
        self.sampling = sampling
        self.limits = limits
    }

    /// Decodes the file's video.
    ///
    /// - Parameters:
    ///   - path: a regular local file.
    ///   - visit: called for each decoded frame in output order, with its upright thumbnail, its seconds from the first displayed frame and its index.
    /// - Throws: a `media.…` code when the file cannot be opened; `video.no_stream`, `video.codec_unknown`, `video.too_large`, `video.no_frames`,
    ///   `video.picture_failed`, `sampling.invalid`. Damage inside the file is not an error as long as a picture could be decoded.
    public func sample(_ path: String, visit: (PictureThumbnail, _ seconds: Double, _ index: Int) -> Void = { _, _, _ in }) throws(MediaError) -> SampledVideo {
        try sampling.check()
        let input = try MediaInput(path: path, limits: limits)
        guard let index = input.bestStream(AVMEDIA_TYPE_VIDEO), let stream = input.stream(index) else {
            throw MediaError(.noVideoStream, "\(path): no video stream in it (a cover picture is none); give a video file", cause: LibAVLog.last)
        }
        input.select(index)
        let decoder = try VideoDecoder(stream: stream, declaredSize: input.declaredSize(index), path: path, limits: limits)
        let run = try VideoSamplingRun(input: input, stream: stream, decoder: decoder, sampling: sampling)
        let ending = try decodeAll(input, streamIndex: Int32(index), decoder, run, visit)
        return try run.finish(ending)
    }

    /// How reading came to its end.
    struct Ending {
        var damagedPackets = 0
        var readingProblem: String?
    }

    private func decodeAll(_ input: MediaInput, streamIndex: Int32, _ decoder: VideoDecoder, _ run: VideoSamplingRun,
                           _ visit: (PictureThumbnail, Double, Int) -> Void) throws(MediaError) -> Ending {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var ending = Ending()
        var packets = 0
        reading: while !run.isTruncated {
            switch try input.read(into: packet) {
            case .packet:
                defer { av_packet_unref(packet) }
                guard packet.pointee.stream_index == streamIndex else { continue reading }
                packets += 1
                guard packets <= limits.maximumPackets else {
                    run.truncate()
                    break reading
                }
                if !decoder.send(packet) { ending.damagedPackets += 1 }
            case .end:
                break reading
            case .broken(let problem):
                ending.readingProblem = problem
                break reading
            }
            ending.damagedPackets += try drain(decoder, run, input, visit)
        }
        if !run.isTruncated {
            _ = decoder.send(nil)
            ending.damagedPackets += try drain(decoder, run, input, visit)
        }
        return ending
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
