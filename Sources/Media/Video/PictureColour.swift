import CLibAV
import CPictures

/// How a frame's samples stand for colours: the matrix's luma weights, and whether samples use the full range.
struct PictureColour: Hashable {
    var space: AVColorSpace.RawValue
    var isFullRange: Bool

    init(_ frame: UnsafeMutablePointer<AVFrame>) {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        let isJPEGFormat = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P].contains(format)
        // Grey pictures without a word on it are full-range, as FFmpeg reads them.
        let isUntaggedGrey = frame.pointee.color_range == AVCOL_RANGE_UNSPECIFIED && (av_pix_fmt_desc_get(format)?.pointee.nb_components ?? 3) < 3
        isFullRange = isJPEGFormat || isUntaggedGrey || frame.pointee.color_range == AVCOL_RANGE_JPEG
        space = frame.pointee.colorspace.rawValue
    }

    /// swscale's name of the matrix. Untagged video is BT.601, as FFmpeg reads it.
    var scalerSpace: Int32 {
        switch AVColorSpace(rawValue: space) {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: SWS_CS_ITU601
        }
    }

    /// Weights of red and blue in luma: ITU-R BT.601, BT.709, BT.2020, FCC 73.682, SMPTE 240M.
    private var lumaWeights: (red: Double, blue: Double) {
        switch scalerSpace {
        case SWS_CS_ITU709: (0.2126, 0.0722)
        case SWS_CS_FCC: (0.30, 0.11)
        case SWS_CS_SMPTE240M: (0.212, 0.087)
        case SWS_CS_BT2020: (0.2627, 0.0593)
        default: (0.299, 0.114)
        }
    }

    /// The linear map from this frame's samples to full-range BT.601 (JFIF).
    var toJFIF: pictures_colour_map {
        let (red, blue) = lumaWeights
        let green = 1 - red - blue
        // R'G'B' from chroma: R = Y + r·Cr, B = Y + b·Cb, G = Y − (blue·b·Cb + red·r·Cr)/green.
        let r = 2 * (1 - red), b = 2 * (1 - blue)
        let lumaFromBlue = 0.114 * b - 0.587 * blue * b / green
        let lumaFromRed = 0.299 * r - 0.587 * red * r / green
        let lumaGain = isFullRange ? 1.0 : 255.0 / 219, chromaGain = isFullRange ? 1.0 : 255.0 / 224
        func fixed(_ value: Double) -> Int32 { Int32((value * 65_536).rounded()) }
        return pictures_colour_map(
            luma_offset: isFullRange ? 0 : 16, luma_gain: fixed(lumaGain),
            luma_from_blue: fixed(lumaFromBlue * chromaGain), luma_from_red: fixed(lumaFromRed * chromaGain),
            blue_from_blue: fixed((b - lumaFromBlue) / 1.772 * chromaGain), blue_from_red: fixed(-lumaFromRed / 1.772 * chromaGain),
            red_from_blue: fixed(-lumaFromBlue / 1.402 * chromaGain), red_from_red: fixed((r - lumaFromRed) / 1.402 * chromaGain))
    }
}
