import CLibAV
import CPictures

/// Makes analysis thumbnails: block means of the decoded planes, in integers, in a fixed size for the whole video.
final class ThumbnailMaker {
    private let side: Int
    /// Size before it is turned upright; from the first frame.
    private var size: (width: Int, height: Int)?
    private let scaler = PictureScaler(format: AV_PIX_FMT_YUVJ444P, filter: SWS_AREA)
    private var transform: (colour: PictureColour, map: pictures_colour_map)?

    /// - Parameter side: pixels of the longer side.
    init(side: Int) {
        self.side = side
    }

    /// - Returns: nil when the frame's format cannot be read.
    func thumbnail(of frame: UnsafeMutablePointer<AVFrame>, orientation: PictureOrientation) -> PictureThumbnail? {
        let (width, height) = size ?? firstSize(frame)
        size = (width, height)
        let thumbnail = blockMeans(frame, width: width, height: height) ?? scaled(frame, width: width, height: height)
        return thumbnail?.turned(orientation)
    }

    private func firstSize(_ frame: UnsafeMutablePointer<AVFrame>) -> (width: Int, height: Int) {
        let shown = DisplaySize(frame, orientation: .upright)
        let longer = max(shown.width, shown.height, 1)
        func scaled(_ length: Int) -> Int { min(max((length * side + longer / 2) / longer, 8), side) }
        return (scaled(shown.width), scaled(shown.height))
    }

    /// For 8-bit planar luma and chroma, which nearly all video is; nil for other formats.
    private func blockMeans(_ frame: UnsafeMutablePointer<AVFrame>, width: Int, height: Int) -> PictureThumbnail? {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee, description.nb_components == 3, description.comp.0.depth == 8,
              description.comp.0.step == 1, description.comp.1.step == 1, description.comp.2.step == 1,
              description.comp.0.plane == 0, description.comp.1.plane == 1, description.comp.2.plane == 2,
              description.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM) == 0,
              let lumaPlane = frame.pointee.data.0, let bluePlane = frame.pointee.data.1, let redPlane = frame.pointee.data.2 else { return nil }
        let codedWidth = Int(frame.pointee.width), codedHeight = Int(frame.pointee.height)
        guard codedWidth > 0, codedHeight > 0 else { return nil }
        // Chroma planes are rounded up, as FFmpeg allocates them.
        let chromaWidth = -((-codedWidth) >> Int(description.log2_chroma_w)), chromaHeight = -((-codedHeight) >> Int(description.log2_chroma_h))
        // Of an interlaced picture the first field alone is read: every other line, from its first on.
        let isInterlaced = frame.pointee.interlaced_frame != 0 && chromaHeight >= 2
        let step = isInterlaced ? 2 : 1, firstLine = isInterlaced && frame.pointee.top_field_first == 0 ? 1 : 0
        // A decoded frame's planes have at least these rows, each `linesize` bytes apart and at least as wide.
        func read(_ plane: UnsafePointer<UInt8>, _ lineSize: Int32, _ planeWidth: Int, _ planeHeight: Int) -> [UInt8] {
            let stride = Int(lineSize)
            return means(plane + firstLine * stride, stride * step, planeWidth, (planeHeight - firstLine + step - 1) / step, width, height)
        }
        let luma = read(lumaPlane, frame.pointee.linesize.0, codedWidth, codedHeight)
        let blue = read(bluePlane, frame.pointee.linesize.1, chromaWidth, chromaHeight)
        let red = read(redPlane, frame.pointee.linesize.2, chromaWidth, chromaHeight)
        return converted(luma, blue, red, PictureColour(frame), width: width, height: height)
    }

    private func means(_ plane: UnsafePointer<UInt8>, _ stride: Int, _ planeWidth: Int, _ planeHeight: Int, _ width: Int, _ height: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: width * height) { result, count in
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: planeWidth) { columns in
                pictures_block_means(plane, stride, planeWidth, planeHeight, columns.baseAddress, result.baseAddress, width, height)
            }
            count = width * height
        }
    }

    private func converted(_ luma: [UInt8], _ blue: [UInt8], _ red: [UInt8], _ colour: PictureColour, width: Int, height: Int) -> PictureThumbnail {
        if transform?.colour != colour { transform = (colour, colour.toJFIF) }
        guard var map = transform?.map else { return PictureThumbnail(width: width, height: height, luma: luma, blueDifference: blue, redDifference: red) }
        var luma = luma, blue = blue, red = red
        pictures_map_colours(&map, &luma, &blue, &red, width * height)
        return PictureThumbnail(width: width, height: height, luma: luma, blueDifference: blue, redDifference: red)
    }

    /// For all other formats, through swscale.
    private func scaled(_ frame: UnsafeMutablePointer<AVFrame>, width: Int, height: Int) -> PictureThumbnail? {
        guard let picture = PictureBuffer(width: width, height: height, format: AV_PIX_FMT_YUVJ444P), scaler.scale(frame, into: picture.frame) else { return nil }
        let planes = (0..<3).map { picture.plane($0, width: width, height: height) }
        guard planes.allSatisfy({ $0.count == width * height }) else { return nil }
        return PictureThumbnail(width: width, height: height, luma: planes[0], blueDifference: planes[1], redDifference: planes[2])
    }
}
