import CLibAV

/// FFmpeg's JPEG encoder at a fixed quantiser: the same picture gives the same bytes, whatever came before it.
/// Not for several threads at once. Freed in `deinit`.
final class JPEGEncoder {
    private let quantiser: Int
    private var context: UnsafeMutablePointer<AVCodecContext>?
    /// The encoder takes pictures in ascending order of time only.
    private var pictures: Int64 = 0

    /// - Parameter quantiser: 2 (best) … 31.
    init(quantiser: Int) {
        self.quantiser = quantiser
    }

    deinit {
        avcodec_free_context(&context)
    }

    /// The picture as a baseline JFIF file.
    ///
    /// - Parameter picture: YUVJ420P, with even width and height.
    /// - Returns: nil when the encoder fails; FFmpeg's last error says why.
    func encode(_ picture: PictureBuffer) -> [UInt8]? {
        let width = picture.frame.pointee.width, height = picture.frame.pointee.height
        if context == nil || context?.pointee.width != width || context?.pointee.height != height {
            avcodec_free_context(&context)
            context = makeContext(width: width, height: height)
        }
        guard let context, let packet = av_packet_alloc() else { return nil }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        pictures += 1
        picture.frame.pointee.pts = pictures
        picture.frame.pointee.quality = context.pointee.global_quality
        picture.frame.pointee.pict_type = AV_PICTURE_TYPE_I
        guard avcodec_send_frame(context, picture.frame) >= 0, avcodec_receive_packet(context, packet) >= 0,
              let data = packet.pointee.data, packet.pointee.size > 0 else { return nil }
        // `data` holds `size` bytes as long as the packet lives.
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(packet.pointee.size)))
    }

    private func makeContext(width: Int32, height: Int32) -> UnsafeMutablePointer<AVCodecContext>? {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let context = avcodec_alloc_context3(codec) else { return nil }
        context.pointee.width = width
        context.pointee.height = height
        context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        context.pointee.color_range = AVCOL_RANGE_JPEG
        context.pointee.time_base = AVRational(num: 1, den: 25)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        context.pointee.global_quality = Int32(quantiser) * FF_QP2LAMBDA
        guard avcodec_open2(context, codec, nil) >= 0 else {
            var failed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&failed)
            return nil
        }
        return context
    }
}
