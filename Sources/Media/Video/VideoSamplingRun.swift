import CLibAV

/// One video's way through the sampler: decoded frames go in, taken frames come out. Not for several threads at once.
final class VideoSamplingRun {
    private let input: MediaInput
    private let decoder: VideoDecoder
    private let sampling: FrameSampling
    private let pictures: UprightPictures
    private let thumbnails: ThumbnailMaker
    private let streamOrientation: PictureOrientation
    private let streamAspect: AVRational
    private let maximumSeconds: Double

    private let incomingBuffer: PictureBuffer
    private let heldBuffer: PictureBuffer
    private var held: (seconds: Double, index: Int, thumbnail: PictureThumbnail)?
    private var clock: PresentationClock
    private var selector: FrameSelector
    private var stream: SampledVideo.Stream?
    private var frames: [SampledVideo.Frame] = []
    private(set) var isTruncated = false

    init(input: MediaInput, stream: UnsafeMutablePointer<AVStream>, decoder: VideoDecoder, sampling: FrameSampling) throws(MediaError) {
        guard let incoming = PictureBuffer(), let held = PictureBuffer() else { throw .outOfMemory(input.path) }
        self.input = input
        self.decoder = decoder
        self.sampling = sampling
        incomingBuffer = incoming
        heldBuffer = held
        pictures = UprightPictures(sampling: sampling)
        thumbnails = ThumbnailMaker(side: sampling.thumbnailSide)
        streamOrientation = stream.orientation
        streamAspect = stream.pointee.sample_aspect_ratio
        let (seconds, attoseconds) = input.limits.maximumDuration.components
        maximumSeconds = Double(seconds) + Double(attoseconds) / 1e18
        let rate = stream.pointee.avg_frame_rate.num > 0 ? stream.pointee.avg_frame_rate : stream.pointee.r_frame_rate
        clock = PresentationClock(secondsPerTick: av_q2d(stream.pointee.time_base),
                                  nominalFramesPerSecond: rate.num > 0 && rate.den > 0 ? av_q2d(rate) : nil)
        selector = FrameSelector(targets: sampling.targets)
    }

    /// The frame that the decoder fills next.
    var incoming: UnsafeMutablePointer<AVFrame> { incomingBuffer.frame }

    func truncate() { isTruncated = true }

    /// Takes the picture in `incoming`: shows it, and decides whether the one before it is the answer to a target.
    func take(_ visit: (PictureThumbnail, Double, Int) -> Void) throws(MediaError) {
        defer { av_frame_unref(incoming) }
        let width = Int(incoming.pointee.width), height = Int(incoming.pointee.height)
        guard input.limits.allow(width: width, height: height) else {
            throw .videoTooLarge(input.path, width: width, height: height, limits: input.limits)
        }
        let stamp = incoming.pointee.best_effort_timestamp
        let index = clock.frameCount
        let tick = clock.tick(ofStamp: stamp == mv_no_timestamp() ? nil : stamp)
        let seconds = tick.seconds
        guard index < input.limits.maximumFrames, seconds <= maximumSeconds else {
            isTruncated = true
            return
        }
        clock.count(tick)
        // The container's aspect wins over the bitstream's, as in FFmpeg's own players.
        if streamAspect.num > 0, streamAspect.den > 0 { incoming.pointee.sample_aspect_ratio = streamAspect }
        let orientation = incoming.orientation ?? streamOrientation
        guard let thumbnail = thumbnails.thumbnail(of: incoming, orientation: orientation) else { throw .pictureFailed(input.path) }
        if stream == nil { stream = describe(incoming, orientation) }
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
        guard let stream else {
            if decoder.declaresTooLarge {
                throw MediaError(.videoTooLarge, "\(input.path): it declares pictures over the size limit, and none could be decoded; scale the video down",
                                 cause: LibAVLog.last)
            }
            throw MediaError(.noFrames, "\(input.path): not one picture could be decoded; the file is damaged, fetch it again",
                             cause: ending.readingProblem ?? LibAVLog.last)
        }
        try answer(selector.finish(durationSeconds: clock.durationSeconds))
        return SampledVideo(stream: stream, frames: frames, durationSeconds: clock.durationSeconds, decodedFrames: clock.frameCount,
                            framesPerSecond: clock.framesPerSecond, damagedPackets: ending.damagedPackets, isTruncated: isTruncated,
                            readingProblem: ending.readingProblem)
    }

    /// Writes the held frame once, for all targets that it answers.
    private func answer(_ targets: Range<Int>) throws(MediaError) {
        guard !targets.isEmpty, let held else { return }
        let orientation = heldBuffer.frame.orientation ?? streamOrientation
        guard let picture = pictures.jpeg(of: heldBuffer.frame, orientation: orientation) else { throw .pictureFailed(input.path) }
        let md5 = sampling.includesFrameMD5 ? FrameMD5.hexadecimal(heldBuffer.frame) : nil
        let seconds = sampling.targets
        for target in targets {
            frames.append(SampledVideo.Frame(target: target, targetSeconds: seconds[target], seconds: held.seconds, index: held.index,
                                             jpeg: picture.jpeg, jpegWidth: picture.width, jpegHeight: picture.height, thumbnail: held.thumbnail, md5: md5))
        }
    }

    private func describe(_ frame: UnsafeMutablePointer<AVFrame>, _ orientation: PictureOrientation) -> SampledVideo.Stream {
        let shown = DisplaySize(frame, orientation: orientation)
        let format = av_get_pix_fmt_name(AVPixelFormat(rawValue: frame.pointee.format)).map { String(cString: $0) } ?? ""
        return SampledVideo.Stream(codec: decoder.codecName, container: input.formatName, codedWidth: Int(frame.pointee.width),
                                   codedHeight: Int(frame.pointee.height), displayWidth: shown.width, displayHeight: shown.height,
                                   rotationDegrees: orientation.clockwiseDegrees, isInterlaced: frame.pointee.interlaced_frame != 0, pixelFormat: format)
    }
}

extension MediaError {
    static func pictureFailed(_ path: String) -> MediaError {
        MediaError(.pictureFailed, "\(path): a decoded picture could not be scaled or written as JPEG; convert the file to H.264 in mp4", cause: LibAVLog.last)
    }
}

extension UnsafeMutablePointer<AVStream> {
    /// The container's display matrix, if it has one.
    fileprivate var orientation: PictureOrientation {
        var size = 0
        guard let data = av_stream_get_side_data(self, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else { return .upright }
        return PictureOrientation(displayMatrix: UnsafeRawPointer(data))
    }
}

extension UnsafeMutablePointer<AVFrame> {
    /// The frame's own display matrix, if it has one.
    fileprivate var orientation: PictureOrientation? {
        guard let side = av_frame_get_side_data(self, AV_FRAME_DATA_DISPLAYMATRIX), side.pointee.size >= 36, let data = side.pointee.data else { return nil }
        return PictureOrientation(displayMatrix: UnsafeRawPointer(data))
    }
}

extension PictureOrientation {
    /// - Parameter matrix: at least 36 bytes: nine 32-bit integers, host order.
    fileprivate init(displayMatrix matrix: UnsafeRawPointer) {
        func entry(_ index: Int) -> Int32 { matrix.loadUnaligned(fromByteOffset: index * 4, as: Int32.self) }
        self.init(a: entry(0), b: entry(1), c: entry(3), d: entry(4))
    }
}
