import CLibAV

/// FFmpeg's decoder for one stream, single-threaded. Not for several threads at once. Freed in `deinit`.
///
/// With a hardware device it hands over to that what the device takes, and decodes the rest itself. Hardware says little of damage and hides it in its own
/// way; so what came of it is only good as long as nothing at all went wrong (``isUnsure``).
final class VideoDecoder {
    /// Valid as long as this object.
    private let context: UnsafeMutablePointer<AVCodecContext>
    /// Set where a device may decode. The context borrows it, and is freed before it.
    private let choice: HardwareFormatChoice?
    /// Something went wrong, or is not as software would do it.
    private var isTroubled = false
    /// At least one picture came from the device.
    private(set) var usedHardware = false
    private let path: String
    let codecName: String
    /// The container's picture size is over the limits; a picture of that size will not be decoded.
    let declaresTooLarge: Bool

    /// - Parameter device: decodes in place of this process where it can; nil for software alone.
    /// - Throws: `video.codec_unknown`, `video.too_large`, `media.out_of_memory`.
    init(stream: UnsafeMutablePointer<AVStream>, declaredSize: (width: Int, height: Int), path: String, limits: MediaLimits,
         device: HardwareDevice? = nil) throws(MediaError) {
        guard let parameters = stream.pointee.codecpar else { throw .codecUnknown(path, name: "none") }
        let codecID = parameters.pointee.codec_id
        let name = codecID == AV_CODEC_ID_NONE ? Self.fourCharacters(parameters.pointee.codec_tag) : String(cString: avcodec_get_name(codecID))
        let hardware = device?.decoder.codec(for: codecID)
        guard let codec = hardware?.codec ?? Self.decoder(for: codecID), MediaFormats.decoders.contains(String(cString: codec.pointee.name)) else {
            throw .codecUnknown(path, name: name)
        }
        let width = max(Int(parameters.pointee.width), declaredSize.width), height = max(Int(parameters.pointee.height), declaredSize.height)
        let isTooLarge = !limits.allow(width: width, height: height)
        if isTooLarge, !Self.statesItsSize(codecID) {
            throw .videoTooLarge(path, width: width, height: height, limits: limits)
        }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(path) }
        choice = hardware.map { HardwareFormatChoice(format: $0.format, limits: limits) }
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
            if let device, let choice {
                context.pointee.hw_device_ctx = device.newReference()
                choice.install(in: context)
            }
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
        let isGood = avcodec_send_packet(context, packet) >= 0
        if !isGood, packet != nil { isTroubled = true }
        return isGood
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

    /// Takes the next picture in output order into `frame`, which the caller owns and unreferences. Its samples may still be in the device.
    func receive(into frame: UnsafeMutablePointer<AVFrame>) -> Reply {
        let status = avcodec_receive_frame(context, frame)
        if status == mv_error_again() { return .hungry }
        if status == mv_error_end_of_file() { return .end }
        guard status >= 0 else {
            isTroubled = true
            return .damaged
        }
        if HardwarePicture.isOne(frame) {
            usedHardware = true
            if !isAsSoftwareWouldGive(frame) { isTroubled = true }
        }
        return .picture
    }

    /// Brings the picture's samples into this process's memory, if they are not there.
    ///
    /// - Returns: false when they cannot be had; the decoder is then unsure.
    func bring(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        guard HardwarePicture.isOne(frame) else { return true }
        guard let format = choice?.softwareFormat, HardwarePicture.bring(frame, as: format) else {
            isTroubled = true
            return false
        }
        return true
    }

    /// Whether hardware had a part in the pictures, and they may not be those that software gives: the file must be decoded again, without.
    var isUnsure: Bool {
        guard let choice else { return false }
        // AV1's decoder has no other way than the hardware.
        let isPart = usedHardware || choice.isHardware || choice.softwareFormat == nil || context.pointee.codec_id == AV_CODEC_ID_AV1
        return isPart && (isTroubled || choice.hasChanged)
    }

    /// Film grain is only drawn alike by one and the same program, and a picture that is cropped on its left or top only by one that crops at all.
    private func isAsSoftwareWouldGive(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        frame.pointee.decode_error_flags == 0 && frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0
            && context.pointee.properties & UInt32(FF_CODEC_PROPERTY_FILM_GRAIN) == 0 && frame.pointee.crop_left == 0 && frame.pointee.crop_top == 0
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
