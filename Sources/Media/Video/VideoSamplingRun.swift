import CLibAV

/// One video's way through the sampler: decoded frames go in, taken frames come out. Not for several threads at once.
final class VideoSamplingRun {
    private let input: MediaInput
    private let decoder: VideoDecoder
    private let writer: FrameWriter
    private let maximumSeconds: Double

    private let incomingBuffer: PictureBuffer
    private let heldBuffer: PictureBuffer
    private var held: (seconds: Double, index: Int, thumbnail: PictureThumbnail)?
    private var clock: PresentationClock
    private var selector: FrameSelector
    private var frames: [SampledVideo.Frame] = []
    private(set) var isTruncated = false

    init(input: MediaInput, stream: UnsafeMutablePointer<AVStream>, decoder: VideoDecoder, sampling: FrameSampling) throws(MediaError) {
        guard let incoming = PictureBuffer(), let held = PictureBuffer() else { throw .outOfMemory(input.path) }
        self.input = input
        self.decoder = decoder
        incomingBuffer = incoming
        heldBuffer = held
        writer = FrameWriter(input: input, stream: stream, codecName: decoder.codecName, sampling: sampling)
        maximumSeconds = input.limits.maximumDuration.seconds
        clock = PresentationClock(stream: stream)
        selector = FrameSelector(targets: sampling.targets)
    }

    /// The frame that the decoder fills next.
    var incoming: UnsafeMutablePointer<AVFrame> { incomingBuffer.frame }

    func truncate() { isTruncated = true }

    /// Takes the picture in `incoming`: shows it, and decides whether the one before it is the answer to a target. Of one that cannot be had from the device
    /// that decoded it nothing is taken: the decoder is then unsure.
    func take(_ visit: VideoSampler.Visit) throws(MediaError) {
        defer { av_frame_unref(incoming) }
        try writer.checkSize(incoming)
        let stamp = incoming.pointee.best_effort_timestamp
        let index = clock.frameCount
        let tick = clock.tick(ofStamp: stamp == mv_no_timestamp() ? nil : stamp)
        let seconds = tick.seconds
        guard index < input.limits.maximumFrames, seconds <= maximumSeconds else {
            isTruncated = true
            return
        }
        guard decoder.bring(incoming) else { return }
        clock.count(tick)
        let thumbnail = try writer.prepare(incoming)
        visit(thumbnail, seconds, index)

        let step = selector.offer(seconds: seconds)
        try answer(step.answered)
        if step.holds, selector.wantsMore {
            av_frame_unref(heldBuffer.frame)
            av_frame_move_ref(heldBuffer.frame, incoming)
            held = (seconds, index, thumbnail)
        }
    }

    /// The result, when all has been decoded.
    func finish(_ ending: VideoSampler.Ending) throws(MediaError) -> SampledVideo {
        guard let stream = writer.stream else {
            if decoder.declaresTooLarge {
                throw MediaError(.videoTooLarge, "\(input.path): it declares pictures over the size limit, and none could be decoded; scale the video down",
                                 cause: LibAVLog.last)
            }
            throw MediaError(.noFrames, "\(input.path): not one picture could be decoded; the file is damaged, fetch it again",
                             cause: ending.readingProblem ?? LibAVLog.last)
        }
        try answer(selector.finish(durationSeconds: clock.durationSeconds))
        return SampledVideo(stream: stream, frames: frames, contactSheet: frames.isEmpty ? nil : try writer.contactSheet(), durationSeconds: clock.durationSeconds, decodedFrames: clock.frameCount,
                            framesPerSecond: clock.framesPerSecond, damagedPackets: ending.damagedPackets, isTruncated: isTruncated,
                            readingProblem: ending.readingProblem)
    }

    /// Writes the held frame once, for all targets that it answers.
    private func answer(_ targets: Range<Int>) throws(MediaError) {
        guard let held else { return }
        frames += try writer.frames(heldBuffer.frame, targets: targets, seconds: held.seconds, index: held.index, thumbnail: held.thumbnail)
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension PresentationClock {
    /// A stream's own.
    init(stream: UnsafeMutablePointer<AVStream>) {
        let rate = stream.pointee.avg_frame_rate.num > 0 ? stream.pointee.avg_frame_rate : stream.pointee.r_frame_rate
        self.init(secondsPerTick: av_q2d(stream.pointee.time_base), nominalFramesPerSecond: rate.num > 0 && rate.den > 0 ? av_q2d(rate) : nil)
    }
}
