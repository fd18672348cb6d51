import CLibAV

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

    /// The linear map from this frame's samples to full-range BT.601, in 1/65536.
    var toJFIF: JFIFTransform {
        let (red, blue) = lumaWeights
        let green = 1 - red - blue
        // R'G'B' from chroma: R = Y + r·Cr, B = Y + b·Cb, G = Y − (blue·b·Cb + red·r·Cr)/green.
        let r = 2 * (1 - red), b = 2 * (1 - blue)
        let lumaFromBlue = 0.114 * b - 0.587 * blue * b / green
        let lumaFromRed = 0.299 * r - 0.587 * red * r / green
        let lumaGain = isFullRange ? 1.0 : 255.0 / 219, chromaGain = isFullRange ? 1.0 : 255.0 / 224
        func fixed(_ value: Double) -> Int32 { Int32((value * 65_536).rounded()) }
        return JFIFTransform(
            lumaOffset: isFullRange ? 0 : 16, lumaGain: fixed(lumaGain),
            lumaFromBlue: fixed(lumaFromBlue * chromaGain), lumaFromRed: fixed(lumaFromRed * chromaGain),
            blueFromBlue: fixed((b - lumaFromBlue) / 1.772 * chromaGain), blueFromRed: fixed(-lumaFromRed / 1.772 * chromaGain),
            redFromBlue: fixed(-lumaFromBlue / 1.402 * chromaGain), redFromRed: fixed((r - lumaFromRed) / 1.402 * chromaGain))
    }
}

/// Samples of any range and matrix to full-range BT.601, in integers: the same on every machine.
struct JFIFTransform {
    var lumaOffset, lumaGain, lumaFromBlue, lumaFromRed: Int32
    var blueFromBlue, blueFromRed, redFromBlue, redFromRed: Int32

    /// Transforms three planes of one size in place.
    func apply(luma: inout [UInt8], blue: inout [UInt8], red: inout [UInt8]) {
        precondition(luma.count == blue.count && luma.count == red.count, "the three planes must have one size")
        luma.withUnsafeMutableBufferPointer { luma in
            blue.withUnsafeMutableBufferPointer { blue in
                red.withUnsafeMutableBufferPointer { red in
                    // Gains are below 2.5 × 65536 and samples below 256: no sum of three comes near 32 bits.
                    func sample(_ value: Int32, _ offset: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(((value &+ 32_768) >> 16) &+ offset, 0), 255)) }
                    for index in luma.indices {
                        let y = Int32(luma[index]) &- lumaOffset, b = Int32(blue[index]) &- 128, r = Int32(red[index]) &- 128
                        luma[index] = sample(y &* lumaGain &+ b &* lumaFromBlue &+ r &* lumaFromRed, 0)
                        blue[index] = sample(b &* blueFromBlue &+ r &* blueFromRed, 128)
                        red[index] = sample(b &* redFromBlue &+ r &* redFromRed, 128)
                    }
                }
            }
        }
    }
}
