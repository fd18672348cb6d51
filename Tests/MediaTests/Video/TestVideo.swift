import CLibAV
import Foundation

/// Writes small videos for tests: flat pictures whose luma tells their number, or whatever a drawing function makes.
struct TestVideo {
    var width = 96
    var height = 64
    var codec = AV_CODEC_ID_MPEG4
    /// FFmpeg's name of an encoder, which wins over `codec`; and its options.
    var encoder: String?
    var encoderOptions: [String: String] = [:]
    var fileExtension = "mkv"
    /// Time stamps of the pictures, in milliseconds, ascending.
    var milliseconds: [Int64] = (0..<100).map { $0 * 40 }
    var bFrames: Int32 = 0
    var groupLength: Int32 = 12
    var aspect = AVRational(num: 1, den: 1)
    /// Degrees clockwise of a display matrix; nil for none.
    var displayRotation: Double?
    /// Whether the display matrix mirrors left and right, then top and bottom, before it turns.
    var displayMirrors = (horizontally: false, vertically: false)
    /// Whether times before 0 stay as they are: mp4 then has an edit list that cuts them off.
    var keepsNegativeTimes = false
    /// Time stamps of pictures whose packets are overwritten from a quarter of their bytes on.
    var damagedMilliseconds: Set<Int64> = []
    /// Luma of a sample of a picture.
    var luma: (_ picture: Int, _ x: Int, _ y: Int) -> UInt8 = { picture, _, _ in TestVideo.luma(ofPicture: picture) }

    static func luma(ofPicture picture: Int) -> UInt8 { UInt8(40 + (picture * 7) % 160) }

    struct Failure: Error { var what: String }

    /// Writes the video into a new file below the temporary directory, runs `body` on it, and removes it.
    func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-\(UUID().uuidString).\(fileExtension)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(path)
        return try body(path)
    }

    private func write(_ path: String) throws {
        func check(_ status: Int32, _ what: String) throws { if status < 0 { throw Failure(what: "\(what): \(status)") } }
        var container: UnsafeMutablePointer<AVFormatContext>?
        try check(avformat_alloc_output_context2(&container, nil, nil, path), "container")
        guard let container, let encoder = encoder.map({ avcodec_find_encoder_by_name($0) }) ?? avcodec_find_encoder(codec), let context = avcodec_alloc_context3(encoder),
              let stream = avformat_new_stream(container, nil) else { throw Failure(what: "set-up") }
        defer {
            var freed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&freed)
            avio_closep(&container.pointee.pb)
            avformat_free_context(container)
        }
        context.pointee.width = Int32(width)
        context.pointee.height = Int32(height)
        context.pointee.pix_fmt = encoder.pointee.id == AV_CODEC_ID_MJPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P
        // MPEG-2 knows only the frame rates of its table; Theora has one rate.
        context.pointee.time_base = [AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_THEORA].contains(encoder.pointee.id) ? AVRational(num: 1, den: 25) : AVRational(num: 1, den: 1000)
        context.pointee.framerate = AVRational(num: 25, den: 1)
        context.pointee.gop_size = groupLength
        context.pointee.max_b_frames = bFrames
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        context.pointee.global_quality = 2 * FF_QP2LAMBDA
        context.pointee.sample_aspect_ratio = aspect
        context.pointee.thread_count = 1
        if container.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (name, value) in encoderOptions { av_dict_set(&options, name, value, 0) }
        try check(avcodec_open2(context, encoder, &options), "encoder")
        try check(avcodec_parameters_from_context(stream.pointee.codecpar, context), "parameters")
        stream.pointee.time_base = context.pointee.time_base
        stream.pointee.sample_aspect_ratio = aspect
        stream.pointee.avg_frame_rate = AVRational(num: 25, den: 1)
        if keepsNegativeTimes { try check(av_opt_set(container, "avoid_negative_ts", "disabled", 0), "negative times") }
        if let displayRotation, let matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36) {
            matrix.withMemoryRebound(to: Int32.self, capacity: 9) {
                av_display_rotation_set($0, displayRotation)
                av_display_matrix_flip($0, displayMirrors.horizontally ? 1 : 0, displayMirrors.vertically ? 1 : 0)
            }
        }
        try check(avio_open(&container.pointee.pb, path, AVIO_FLAG_WRITE), "file")
        try check(avformat_write_header(container, nil), "header")
        for picture in milliseconds.indices { try encode(picture, context, container, stream) }
        try check(avcodec_send_frame(context, nil), "flush")
        try drain(context, container, stream)
        try check(av_write_trailer(container), "trailer")
    }

    private func encode(_ picture: Int, _ context: UnsafeMutablePointer<AVCodecContext>, _ container: UnsafeMutablePointer<AVFormatContext>,
                        _ stream: UnsafeMutablePointer<AVStream>) throws {
        var frame = av_frame_alloc()
        defer { av_frame_free(&frame) }
        guard let frame else { throw Failure(what: "frame") }
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = context.pointee.pix_fmt.rawValue
        frame.pointee.pts = milliseconds[picture] * Int64(context.pointee.time_base.den) / 1000
        frame.pointee.quality = context.pointee.global_quality
        guard av_frame_get_buffer(frame, 0) >= 0, let plane = frame.pointee.data.0, let blue = frame.pointee.data.1, let red = frame.pointee.data.2
        else { throw Failure(what: "picture") }
        for y in 0..<height {
            for x in 0..<width { plane[y * Int(frame.pointee.linesize.0) + x] = luma(picture, x, y) }
        }
        for y in 0..<height / 2 {
            for x in 0..<width / 2 {
                blue[y * Int(frame.pointee.linesize.1) + x] = 128
                red[y * Int(frame.pointee.linesize.2) + x] = 128
            }
        }
        guard avcodec_send_frame(context, frame) >= 0 else { throw Failure(what: "encoding") }
        try drain(context, container, stream)
    }

    private func drain(_ context: UnsafeMutablePointer<AVCodecContext>, _ container: UnsafeMutablePointer<AVFormatContext>,
                       _ stream: UnsafeMutablePointer<AVStream>) throws {
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        while avcodec_receive_packet(context, packet) >= 0 {
            if let packet, damagedMilliseconds.contains(packet.pointee.pts * 1000 / Int64(context.pointee.time_base.den)) {
                guard av_packet_make_writable(packet) >= 0 else { throw Failure(what: "damaging") }
                for index in Int(packet.pointee.size) / 4..<Int(packet.pointee.size) { packet.pointee.data[index] = UInt8(truncatingIfNeeded: index &* 73) }
            }
            av_packet_rescale_ts(packet, context.pointee.time_base, stream.pointee.time_base)
            packet?.pointee.stream_index = stream.pointee.index
            guard av_interleaved_write_frame(container, packet) >= 0 else { throw Failure(what: "writing") }
        }
    }
}
