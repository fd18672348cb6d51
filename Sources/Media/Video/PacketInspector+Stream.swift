import CLibAV

extension PacketInspector {
    /// For a stream; nil where plans are made for no such codec, or not for its way of coding.
    init?(stream: UnsafeMutablePointer<AVStream>) {
        guard let parameters = stream.pointee.codecpar?.pointee else { return nil }
        switch parameters.codec_id {
        case AV_CODEC_ID_H264, AV_CODEC_ID_HEVC:
            // A frame's two fields may come in two packets.
            guard [AV_FIELD_UNKNOWN, AV_FIELD_PROGRESSIVE].contains(parameters.field_order) else { return nil }
            let isH264 = parameters.codec_id == AV_CODEC_ID_H264
            let lengthBytes = Self.lengthBytes(parameters, at: isH264 ? 4 : 21)
            self.init(isH264 ? .h264(lengthBytes: lengthBytes) : .hevc(lengthBytes: lengthBytes))
        case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO: self.init(.mpegVideo)
        case AV_CODEC_ID_MPEG4:
            // With B-frames two pictures may be packed into one packet.
            guard parameters.video_delay == 0 else { return nil }
            self.init(.mpeg4)
        case AV_CODEC_ID_VP8: self.init(.vp8)
        case AV_CODEC_ID_VP9: self.init(.vp9)
        case AV_CODEC_ID_AV1: self.init(.av1)
        case AV_CODEC_ID_THEORA: self.init(.theora)
        default: return nil
        }
    }

    /// The configuration record (ISO/IEC 14496-15) begins with its version, 1; its byte `at` ends in the length's size less one. Start codes have none.
    private static func lengthBytes(_ parameters: AVCodecParameters, at: Int) -> Int? {
        // `extradata` holds `extradata_size` bytes as long as the stream lives.
        guard let record = parameters.extradata, Int(parameters.extradata_size) > at, record[0] == 1 else { return nil }
        return Int(record[at] & 3) + 1
    }
}
