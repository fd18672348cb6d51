import CLibAV

/// Turns decoded frames of one video into taken ones: upright JPEG, thumbnail, MD5. Not for several threads at once.
final class FrameWriter {
    private let input: MediaInput
    private let codecName: String
    private let sampling: FrameSampling
    private let targetSeconds: [Double]
    private let pictures: UprightPictures
    private let sheet: ContactSheet?
    private let thumbnails: ThumbnailMaker
    private let streamOrientation: PictureOrientation
    private let streamAspect: AVRational
    /// Facts about the stream, from the first frame that was prepared.
    private(set) var stream: SampledVideo.Stream?

    init(input: MediaInput, stream: UnsafeMutablePointer<AVStream>, codecName: String, sampling: FrameSampling) {
        self.input = input
        self.codecName = codecName
        self.sampling = sampling
        targetSeconds = sampling.targets
        pictures = UprightPictures(width: sampling.jpegWidth, quantiser: sampling.jpegQuantiser)
        sheet = sampling.includesContactSheet ? ContactSheet(frames: sampling.count) : nil
        thumbnails = ThumbnailMaker(side: sampling.thumbnailSide)
        streamOrientation = stream.orientation
        streamAspect = stream.pointee.sample_aspect_ratio
    }

    /// - Throws: `video.too_large`: a stream may change its picture size at any frame.
    func checkSize(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        let width = Int(frame.pointee.width), height = Int(frame.pointee.height)
        guard input.limits.allow(width: width, height: height) else {
            throw .videoTooLarge(input.path, width: width, height: height, limits: input.limits)
        }
    }

    /// A frame's upright thumbnail. To be called for each frame that is taken, and for the first.
    func prepare(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) -> PictureThumbnail {
        // The container's aspect wins over the bitstream's, as in FFmpeg's own players.
        if streamAspect.num > 0, streamAspect.den > 0 { frame.pointee.sample_aspect_ratio = streamAspect }
        let orientation = frame.orientation ?? streamOrientation
        guard let thumbnail = thumbnails.thumbnail(of: frame, orientation: orientation) else { throw .pictureFailed(input.path) }
        if stream == nil { stream = describe(frame, orientation) }
        return thumbnail
    }

    /// Writes a prepared frame once, for all targets that it answers.
    func frames(_ frame: UnsafeMutablePointer<AVFrame>, targets: Range<Int>, seconds: Double, index: Int,
                thumbnail: PictureThumbnail) throws(MediaError) -> [SampledVideo.Frame] {
        guard !targets.isEmpty else { return [] }
        let orientation = frame.orientation ?? streamOrientation
        let field = Deinterlacer.firstField(of: frame)
        // The field's memory lives as long as its buffer.
        let picture = withExtendedLifetime(field) { () -> UprightPictures.Picture? in
            let shown = field?.frame ?? frame
            guard let picture = pictures.jpeg(of: shown, orientation: orientation),
                  sheet?.add(shown, orientation: orientation, targets: targets) ?? true else { return nil }
            return picture
        }
        guard let picture else { throw .pictureFailed(input.path) }
        let md5 = sampling.includesFrameMD5 ? FrameMD5.hexadecimal(frame) : nil
        return targets.map { target in
            SampledVideo.Frame(target: target, targetSeconds: targetSeconds[target], seconds: seconds, index: index,
                               jpeg: picture.jpeg, jpegWidth: picture.width, jpegHeight: picture.height, thumbnail: thumbnail, md5: md5)
        }
    }

    /// All frames that were written, in one picture; nil when it was not asked for.
    func contactSheet() throws(MediaError) -> [UInt8]? {
        guard let sheet else { return nil }
        guard let jpeg = sheet.jpeg() else { throw .pictureFailed(input.path) }
        return jpeg
    }

    private func describe(_ frame: UnsafeMutablePointer<AVFrame>, _ orientation: PictureOrientation) -> SampledVideo.Stream {
        let shown = DisplaySize(frame, orientation: orientation)
        let format = av_get_pix_fmt_name(AVPixelFormat(rawValue: frame.pointee.format)).map { String(cString: $0) } ?? ""
        return SampledVideo.Stream(codec: codecName, container: input.formatName, codedWidth: Int(frame.pointee.width),
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
