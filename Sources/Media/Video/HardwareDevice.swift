import CLibAV

/// An opened hardware device. Several decoders may use it, also at the same time. Closed in `deinit`, or when the last decoder that uses it ends.
///
/// `@unchecked Sendable`: the reference is constant, its count is atomic, and FFmpeg's device contexts are made to be shared between threads.
package final class HardwareDevice: @unchecked Sendable {
    let decoder: HardwareDecoder
    private let reference: UnsafeMutablePointer<AVBufferRef>

    /// - Parameter reference: an `AVHWDeviceContext`'s, for this object to free.
    package init(_ decoder: HardwareDecoder, reference: UnsafeMutablePointer<AVBufferRef>) {
        self.decoder = decoder
        self.reference = reference
    }

    deinit {
        var reference: UnsafeMutablePointer<AVBufferRef>? = reference
        av_buffer_unref(&reference)
    }

    /// The first of its kind that the machine has; the environment may choose another (`CUDA_VISIBLE_DEVICES`).
    ///
    /// - Returns: in place of the device why there is none, in the words of FFmpeg or the driver; its status alone often means nothing.
    static func open(_ decoder: HardwareDecoder) -> Result<HardwareDevice, HardwareAbsence> {
        LibAVLog.install()
        // What drivers say is no cause of an error in a file.
        defer { LibAVLog.clear() }
        LibAVLog.clear()
        var reference: UnsafeMutablePointer<AVBufferRef>?
        let status = av_hwdevice_ctx_create(&reference, decoder.deviceType, nil, nil, 0)
        guard status >= 0, let reference else { return .failure(HardwareAbsence(reason: LibAVLog.last ?? LibAVLog.cause(status))) }
        return .success(HardwareDevice(decoder, reference: reference))
    }

    /// Another reference, for the caller to free; nil without memory.
    func newReference() -> UnsafeMutablePointer<AVBufferRef>? { av_buffer_ref(reference) }
}

/// Why a hardware device cannot be used.
package struct HardwareAbsence: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

extension HardwareDecoder {
    package var deviceType: AVHWDeviceType {
        switch self {
        case .cuda: AV_HWDEVICE_TYPE_CUDA
        case .vaapi: AV_HWDEVICE_TYPE_VAAPI
        }
    }

    /// Codecs whose standard says exactly what each sample of a picture is. In others (MPEG-2, MPEG-4 part 2, MJPEG) the inverse transform may be rounded in
    /// several ways, and a clip's frames would depend on the machine.
    private static let exactCodecs = [AV_CODEC_ID_H264: "h264", AV_CODEC_ID_HEVC: "hevc", AV_CODEC_ID_VP8: "vp8", AV_CODEC_ID_VP9: "vp9", AV_CODEC_ID_AV1: "av1"]

    /// FFmpeg's decoder that can hand its work to such a device, and the format of the pictures that it gives then; nil where none is accepted.
    func codec(for id: AVCodecID) -> (codec: UnsafePointer<AVCodec>, format: AVPixelFormat)? {
        guard let name = Self.exactCodecs[id], MediaFormats.decoders.contains(name), let codec = avcodec_find_decoder_by_name(name) else { return nil }
        var index: Int32 = 0
        while let configuration = avcodec_get_hw_config(codec, index)?.pointee {
            if configuration.device_type == deviceType, configuration.methods & Int32(AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0 {
                return (codec, configuration.pix_fmt)
            }
            index += 1
        }
        return nil
    }
}
