import CLibAV

/// FFmpeg's decoder for one stream, single-threaded. Not for several threads at once. Freed in `deinit`.
final class VideoDecoder {
    /// Valid as long as this object.
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let path: String
    let codecName: String
    /// The container's picture size is over the limits; a picture of that size will not be decoded.
    let declaresTooLarge: Bool

    /// - Throws: `video.codec_unknown`, `video.too_large`, `media.out_of_memory`.
    init(stream: UnsafeMutablePointer<AVStream>, declaredSize: (width: Int, height: Int), path: String, limits: MediaLimits) throws(MediaError) {
        guard let parameters = stream.pointee.codecpar else { throw .codecUnknown(path, name: "none") }
        let codecID = parameters.pointee.codec_id
        let name = codecID == AV_CODEC_ID_NONE ? Self.fourCharacters(parameters.pointee.codec_tag) : String(cString: avcodec_get_name(codecID))
        guard let codec = Self.decoder(for: codecID), MediaFormats.decoders.contains(String(cString: codec.pointee.name)) else {
            throw .codecUnknown(path, name: name)
        }
        let width = max(Int(parameters.pointee.width), declaredSize.width), height = max(Int(parameters.pointee.height), declaredSize.height)
        let isTooLarge = !limits.allow(width: width, height: height)
        if isTooLarge, !Self.statesItsSize(codecID) {
            throw .videoTooLarge(path, width: width, height: height, limits: limits)
        }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(path) }
        var status = avcodec_parameters_to_context(context, parameters)
        if status >= 0 {
            if isTooLarge { // the bitstream tells the truth
                context.pointee.width = 0
                context.pointee.height = 0
                context.pointee.coded_width = 0
                context.pointee.coded_height = 0
            }
            context.pointee.pkt_timebase = stream.pointee.time_base
            context.pointee.thread_count = 1
            context.pointee.max_pixels = Int64(limits.maximumPixels)
            context.pointee.strict_std_compliance = FF_COMPLIANCE_NORMAL
            status = avcodec_open2(context, codec, nil)
        }
        guard status >= 0 else {
            var failed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&failed)
            throw MediaError(.videoCodecUnknown, "\(path): the \(name) decoder refused this stream; convert the file to H.264 in mp4", cause: LibAVLog.cause(status))
        }
        self.context = context
        self.path = path
        codecName = name
        declaresTooLarge = isTooLarge
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// dav1d is both the fastest and the most tested software decoder of AV1.
    private static func decoder(for id: AVCodecID) -> UnsafePointer<AVCodec>? {
        if id == AV_CODEC_ID_AV1, let dav1d = avcodec_find_decoder_by_name("libdav1d") { return dav1d }
        return avcodec_find_decoder(id)
    }

    /// A container's own name of a codec, such as `avc1`.
    private static func fourCharacters(_ tag: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: tag >> ($0 * 8)) }
        return String(decoding: bytes.map { (32..<127).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// True where the coded pictures carry their own size, so that a container's false statement does no harm.
    private static func statesItsSize(_ id: AVCodecID) -> Bool {
        [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO,
         AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG, AV_CODEC_ID_H263, AV_CODEC_ID_FLV1].contains(id)
    }

    /// What the decoder answered.
    enum Reply {
        case picture
        /// It wants the next packet.
        case hungry
        case end
        /// One packet or picture was damaged; it goes on with the next.
        case damaged
    }

    /// Gives the decoder one packet; nil says that there are no more. Every picture must have been taken first.
    ///
    /// - Returns: false when the packet was damaged and dropped.
    func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool {
        avcodec_send_packet(context, packet) >= 0
    }

    /// Whether pictures that no other refers to are passed over, from the next packet on. Of no effect in codecs that cannot tell.
    var skipsUnreferencedPictures: Bool {
        get { context.pointee.skip_frame == AVDISCARD_NONREF }
        set { context.pointee.skip_frame = newValue ? AVDISCARD_NONREF : AVDISCARD_DEFAULT }
    }

    /// Pictures that are left without the deblocking filter.
    enum BlockyPictures {
        case none, unreferenced, all
    }

    /// What is not filtered, from the next packet on: it is cheaper, and no longer exact, nor is what is predicted from it.
    var blockyPictures = BlockyPictures.none {
        didSet {
            context.pointee.skip_loop_filter = switch blockyPictures {
            case .none: AVDISCARD_DEFAULT
            case .unreferenced: AVDISCARD_NONREF
            case .all: AVDISCARD_ALL
            }
        }
    }

    /// Forgets all pictures: the next packet must be one that decoding can start with.
    func startOver() { avcodec_flush_buffers(context) }

    /// Takes the next picture in output order into `frame`, which the caller owns and unreferences.
    func receive(into frame: UnsafeMutablePointer<AVFrame>) -> Reply {
        let status = avcodec_receive_frame(context, frame)
        if status >= 0 { return .picture }
        if status == mv_error_again() { return .hungry }
        if status == mv_error_end_of_file() { return .end }
        return .damaged
    }
}

extension MediaLimits {
    func allow(width: Int, height: Int) -> Bool {
        width <= maximumWidth && height <= maximumHeight && width.multipliedReportingOverflow(by: height).partialValue <= maximumPixels
    }
}

extension MediaError {
    static func codecUnknown(_ path: String, name: String) -> MediaError {
        MediaError(.videoCodecUnknown, "\(path): no decoder is accepted for its video codec (\(name)); convert the file to H.264 in mp4", cause: LibAVLog.last)
    }

    static func videoTooLarge(_ path: String, width: Int, height: Int, limits: MediaLimits) -> MediaError {
        MediaError(.videoTooLarge, """
            \(path): pictures of \(width)×\(height), over the limit of \(limits.maximumWidth)×\(limits.maximumHeight) and \(limits.maximumPixels) pixels; \
            scale the video down
            """)
    }
}
