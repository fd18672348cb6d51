import CLibAV

/// Turns what hardware gives (luma in one plane, both chroma components by turns in another) into the planes that software decoders give. Loses nothing.
package enum PlaneSeparation {
    /// Whether pictures can be given in this format: three planes, 4:2:0, of 8 bits or of up to 16 in two bytes.
    static func gives(_ format: AVPixelFormat) -> Bool { depth(ofPlanar: format) != nil }

    /// - Parameters:
    ///   - source: NV12, or P010 or P016 where `format` has more than 8 bits; with memory.
    ///   - format: of the result, such as `yuv420p10le`; for full-range pictures a YUVJ format.
    /// - Returns: the picture in memory of its own, with all properties of `source`; nil for other formats, or without memory.
    package static func separated(_ source: UnsafeMutablePointer<AVFrame>, as format: AVPixelFormat) -> PictureBuffer? {
        let sourceFormat = AVPixelFormat(rawValue: source.pointee.format)
        let width = Int(source.pointee.width), height = Int(source.pointee.height)
        guard let depth = depth(ofPlanar: format), width > 0, height > 0,
              depth == 8 ? sourceFormat == AV_PIX_FMT_NV12 : [AV_PIX_FMT_P010LE, AV_PIX_FMT_P016LE].contains(sourceFormat),
              let result = PictureBuffer(width: width, height: height, format: format), av_frame_copy_props(result.frame, source) >= 0,
              let luma = source.pointee.data.0, let chroma = source.pointee.data.1,
              let y = result.frame.pointee.data.0, let u = result.frame.pointee.data.1, let v = result.frame.pointee.data.2 else { return nil }
        // Both have this size: `height` lines of luma and half as many, rounded up, of chroma, `linesize` bytes apart and at least as wide as the picture.
        let source = source.pointee.linesize, target = result.frame.pointee.linesize
        let chromaWidth = (width + 1) / 2, chromaHeight = (height + 1) / 2
        func separate<Sample: FixedWidthInteger & UnsignedInteger>(_: Sample.Type, shift: Sample) {
            for row in 0..<height {
                copy(line(luma, row, source.0), to: line(y, row, target.0), count: width, shift: shift)
            }
            for row in 0..<chromaHeight {
                split(line(chroma, row, source.1), line(u, row, target.1), line(v, row, target.2), count: chromaWidth, shift: shift)
            }
        }
        // P010 and P016 keep their samples in the upper bits.
        if depth == 8 { separate(UInt8.self, shift: 0) } else { separate(UInt16.self, shift: UInt16(16 - depth)) }
        return result
    }

    private static func depth(ofPlanar format: AVPixelFormat) -> Int? {
        guard let description = av_pix_fmt_desc_get(format)?.pointee, description.nb_components == 3, description.log2_chroma_w == 1, description.log2_chroma_h == 1,
              description.comp.0.plane == 0, description.comp.1.plane == 1, description.comp.2.plane == 2, description.comp.0.shift == 0,
              description.flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_RGB) == 0 else { return nil }
        let depth = Int(description.comp.0.depth)
        return description.comp.0.step == (depth == 8 ? 1 : 2) && (8...16).contains(depth) ? depth : nil
    }

    private static func line<Sample>(_ plane: UnsafeMutablePointer<UInt8>, _ row: Int, _ stride: Int32) -> UnsafeMutablePointer<Sample> {
        UnsafeMutableRawPointer(plane + row * Int(stride)).assumingMemoryBound(to: Sample.self)
    }

    private static func copy<Sample: FixedWidthInteger & UnsignedInteger>(_ source: UnsafeMutablePointer<Sample>, to target: UnsafeMutablePointer<Sample>, count: Int, shift: Sample) {
        guard shift > 0 else { return target.update(from: source, count: count) }
        for x in 0..<count { target[x] = source[x] &>> shift }
    }

    private static func split<Sample: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeMutablePointer<Sample>, _ first: UnsafeMutablePointer<Sample>, _ second: UnsafeMutablePointer<Sample>, count: Int, shift: Sample
    ) {
        for x in 0..<count {
            first[x] = source[2 &* x] &>> shift
            second[x] = source[2 &* x &+ 1] &>> shift
        }
    }
}
