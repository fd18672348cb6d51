import CLibAV
import Glibc

/// One audio stream's decoder: packets in, samples into a collector. Frees its context and frame in `deinit`.
final class LibAVAudioDecoder {
    let codecName: String
    private let path: String
    /// Valid as long as this object; freed by `deinit` alone.
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>

    init(path: String, stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        self.path = path
        guard let parameters = stream.pointee.codecpar, let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw Self.codecUnknown(path, cause: nil)
        }
        codecName = String(cString: avcodec_get_name(parameters.pointee.codec_id))
        guard let allocated = avcodec_alloc_context3(codec) else { throw .outOfMemory(path) }
        var context: UnsafeMutablePointer<AVCodecContext>? = allocated
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "codec_whitelist", MediaFormats.decoders.joined(separator: ","), 0)
        av_dict_set(&options, "threads", "1", 0)
        allocated.pointee.pkt_timebase = stream.pointee.time_base
        guard avcodec_parameters_to_context(allocated, parameters) >= 0 else {
            avcodec_free_context(&context)
            throw .outOfMemory(path)
        }
        let status = avcodec_open2(allocated, codec, &options)
        guard status >= 0 else {
            avcodec_free_context(&context)
            throw Self.codecUnknown(path, cause: LibAVLog.cause(status))
        }
        guard let frame = av_frame_alloc() else {
            avcodec_free_context(&context)
            throw .outOfMemory(path)
        }
        self.context = allocated
        self.frame = frame
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        avcodec_free_context(&context)
        av_frame_free(&frame)
    }

    /// Decodes one packet, or with nil what the decoder still holds.
    /// - Returns: false when the packet was refused; decoding goes on with the next.
    func decode(_ packet: UnsafeMutablePointer<AVPacket>?, into collector: inout LibAVSampleCollector) throws(MediaError) -> Bool {
        let sent = avcodec_send_packet(context, packet)
        if sent == mv_error_posix(ENOMEM) { throw .outOfMemory(path) }
        var isGood = sent >= 0
        while !collector.isFinished {
            let status = avcodec_receive_frame(context, frame)
            if status == mv_error_again() || status == mv_error_end_of_file() { break }
            guard status >= 0 else {
                isGood = false
                break
            }
            defer { av_frame_unref(frame) }
            try collector.append(frame)
        }
        return isGood
    }

    private static func codecUnknown(_ path: String, cause: String?) -> MediaError {
        MediaError(.audioCodecUnknown, "\(path): its audio codec cannot be decoded here; convert the audio to AAC, FLAC or MP3", cause: cause)
    }
}
