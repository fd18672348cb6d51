import CLibAV

/// Takes the combs out of interlaced pictures: where something moved between the two fields, the second field's lines are drawn anew from the first's;
/// where nothing moved, all lines stay.
///
/// It looks at one picture alone, since a plan does not decode the neighbours that temporal filters need. The lines are drawn along edges, as yadif does.
enum Deinterlacer {
    /// A sample of the second field is combed when it and one of its field's neighbours are outside the range of the first field's lines around it by more
    /// than this, in 1/255 of the whole range.
    private static let tolerance = 1
    /// Samples at most this far to the left or right of a combed one, or one line of the field away, count as combed: motion has few sharp ends.
    private static let reach = 6

    /// The picture as it was in the first field, in memory of its own, with all properties of `frame`.
    ///
    /// - Returns: nil where the frame is not interlaced, or in a format that is shown as it is (RGB, packed samples).
    static func firstField(of frame: UnsafeMutablePointer<AVFrame>) -> PictureBuffer? {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        guard frame.pointee.interlaced_frame != 0, frame.pointee.height >= 4,
              let description = av_pix_fmt_desc_get(format)?.pointee, description.comp.0.plane == 0, description.comp.0.shift == 0,
              description.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_FLOAT) == 0,
              description.nb_components < 2 || description.comp.1.plane == 1 && description.comp.1.step == description.comp.0.step,
              let result = PictureBuffer(width: Int(frame.pointee.width), height: Int(frame.pointee.height), format: format),
              av_frame_copy(result.frame, frame) >= 0, av_frame_copy_props(result.frame, frame) >= 0 else { return nil }
        let depth = Int(description.comp.0.depth)
        let firstLine = frame.pointee.top_field_first != 0 ? 0 : 1
        let planes = [(frame.pointee.data.0, result.frame.pointee.data.0, frame.pointee.linesize.0, result.frame.pointee.linesize.0),
                      (frame.pointee.data.1, result.frame.pointee.data.1, frame.pointee.linesize.1, result.frame.pointee.linesize.1),
                      (frame.pointee.data.2, result.frame.pointee.data.2, frame.pointee.linesize.2, result.frame.pointee.linesize.2)]
        for (index, plane) in planes.prefix(description.nb_components >= 3 ? 3 : 1).enumerated() {
            guard let source = plane.0, let target = plane.1 else { return nil }
            // Chroma planes are rounded up, as FFmpeg allocates them.
            let width = index == 0 ? Int(frame.pointee.width) : -((-Int(frame.pointee.width)) >> Int(description.log2_chroma_w))
            let height = index == 0 ? Int(frame.pointee.height) : -((-Int(frame.pointee.height)) >> Int(description.log2_chroma_h))
            guard height >= 2 else { continue }
            // Both frames have this format and size: their planes hold `height` lines of `width` samples, `linesize` bytes apart.
            if description.comp.0.step == 1 {
                clean(source, Int(plane.2), target, Int(plane.3), width, height, firstLine, tolerance, UInt8.self)
            } else if description.comp.0.step == 2 {
                clean(source, Int(plane.2), target, Int(plane.3), width, height, firstLine, tolerance << (depth - 8), UInt16.self)
            } else {
                return nil
            }
        }
        return result
    }

    /// `target` is a copy of `source`; its lines of the second field are written where they are combed.
    private static func clean<Sample: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeMutablePointer<UInt8>, _ sourceStride: Int, _ target: UnsafeMutablePointer<UInt8>, _ targetStride: Int, _ width: Int, _ height: Int,
        _ firstLine: Int, _ tolerance: Int, _: Sample.Type
    ) {
        func line(_ y: Int) -> UnsafePointer<Sample> { UnsafeRawPointer(source + y * sourceStride).assumingMemoryBound(to: Sample.self) }
        let second = 1 - firstLine
        let rows = (height - second + 1) / 2
        func around(_ row: Int) -> (above: UnsafePointer<Sample>, below: UnsafePointer<Sample>) {
            let y = second + 2 * row
            return (line(y > 0 ? y - 1 : y + 1), line(y + 1 < height ? y + 1 : y - 1))
        }
        var combed = [UInt8](repeating: 0, count: rows * width)
        for row in 0..<rows {
            let (above, below) = around(row)
            let own = line(second + 2 * row), before = line(second + 2 * max(row - 1, 0)), after = line(second + 2 * min(row + 1, rows - 1))
            for x in 0..<width {
                let a = Int32(truncatingIfNeeded: above[x]), b = Int32(truncatingIfNeeded: below[x]), value = Int32(truncatingIfNeeded: own[x])
                let earlier = Int32(truncatingIfNeeded: before[x]), later = Int32(truncatingIfNeeded: after[x])
                let high = max(a, b) &+ Int32(tolerance), low = min(a, b) &- Int32(tolerance)
                let isCombed = (value > high && max(earlier, later) > high) || (value < low && min(earlier, later) < low)
                combed[row * width + x] = isCombed ? 1 : 0
            }
        }
        // Combed samples up to each column, in the line and its field's neighbours.
        var counts = [Int32](repeating: 0, count: width + 1)
        for row in 0..<rows {
            let neighbours = [max(row - 1, 0), row, min(row + 1, rows - 1)].map { $0 * width }
            for x in 0..<width {
                counts[x + 1] = counts[x] + Int32(combed[neighbours[0] + x] | combed[neighbours[1] + x] | combed[neighbours[2] + x])
            }
            guard counts[width] > 0 else { continue }
            let (above, below) = around(row)
            let out = UnsafeMutableRawPointer(target + (second + 2 * row) * targetStride).assumingMemoryBound(to: Sample.self)
            for x in 0..<width where counts[min(x + reach + 1, width)] > counts[max(x - reach, 0)] {
                out[x] = Sample(truncatingIfNeeded: drawn(above, below, x, width))
            }
        }
    }

    /// The sample between two lines, along the direction in which they differ least: straight, or leaning by one or two samples.
    private static func drawn<Sample: FixedWidthInteger & UnsignedInteger>(_ above: UnsafePointer<Sample>, _ below: UnsafePointer<Sample>, _ x: Int, _ width: Int) -> Int {
        guard x >= 3, x + 3 < width else { return (Int(above[x]) + Int(below[x]) + 1) / 2 }
        func difference(_ lean: Int) -> Int {
            (-1...1).reduce(0) { $0 + abs(Int(above[x + lean + $1]) - Int(below[x - lean + $1])) }
        }
        var best = difference(0) - 1, direction = 0
        for side in [-1, 1] {
            let slight = difference(side)
            guard slight < best else { continue }
            (best, direction) = (slight, side)
            let strong = difference(2 * side)
            if strong < best { (best, direction) = (strong, 2 * side) }
        }
        return (Int(above[x + direction]) + Int(below[x - direction]) + 1) / 2
    }
}
