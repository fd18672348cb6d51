import CLibAV
import Media
import Testing

/// What hardware gives, in the planes that software gives: sample for sample.
@Suite struct PlaneSeparationTests {
    struct Layout: Sendable, CustomTestStringConvertible {
        var hardware: AVPixelFormat
        var software: AVPixelFormat
        /// Bytes of a sample, and how far it is shifted up in the hardware's format.
        var bytes: Int
        var shift: Int
        var depth: Int
        var testDescription: String { String(cString: av_get_pix_fmt_name(software)) }
    }

    static let layouts = [Layout(hardware: AV_PIX_FMT_NV12, software: AV_PIX_FMT_YUV420P, bytes: 1, shift: 0, depth: 8),
                          Layout(hardware: AV_PIX_FMT_NV12, software: AV_PIX_FMT_YUVJ420P, bytes: 1, shift: 0, depth: 8),
                          Layout(hardware: AV_PIX_FMT_P010LE, software: AV_PIX_FMT_YUV420P10LE, bytes: 2, shift: 6, depth: 10),
                          Layout(hardware: AV_PIX_FMT_P016LE, software: AV_PIX_FMT_YUV420P12LE, bytes: 2, shift: 4, depth: 12)]

    @Test(arguments: layouts, [(64, 48), (65, 49), (1, 1), (2, 3), (127, 2), (1921, 33)]) func everySampleIsKept(layout: Layout, size: (Int, Int)) throws {
        let (width, height) = size, (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
        var lot = SeededLot(seed: UInt64(width * 10_000 + height + layout.depth))
        func samples(_ count: Int) -> [Int] { (0..<count).map { _ in Int(truncatingIfNeeded: lot.next() % (1 << UInt64(layout.depth))) } }
        let luma = samples(width * height), blue = samples(chromaWidth * chromaHeight), red = samples(chromaWidth * chromaHeight)
        let source = try #require(PictureBuffer(width: width, height: height, format: layout.hardware))
        write(luma, to: source.frame.pointee.data.0, source.frame.pointee.linesize.0, width, layout)
        write(zip(blue, red).flatMap { [$0, $1] }, to: source.frame.pointee.data.1, source.frame.pointee.linesize.1, 2 * chromaWidth, layout)

        let separated = try #require(PlaneSeparation.separated(source.frame, as: layout.software))
        // Pointers are good as long as the buffers.
        defer { withExtendedLifetime((source, separated)) {} }
        let result = separated.frame.pointee
        #expect(result.format == layout.software.rawValue && result.width == width && result.height == height)
        #expect(read(result.data.0, result.linesize.0, width, height, layout) == luma)
        #expect(read(result.data.1, result.linesize.1, chromaWidth, chromaHeight, layout) == blue)
        #expect(read(result.data.2, result.linesize.2, chromaWidth, chromaHeight, layout) == red)
    }

    @Test func whatIsKnownOfThePictureStays() throws {
        let source = try #require(PictureBuffer(width: 16, height: 16, format: AV_PIX_FMT_NV12))
        source.frame.pointee.pts = 77
        source.frame.pointee.best_effort_timestamp = 78
        source.frame.pointee.interlaced_frame = 1
        source.frame.pointee.top_field_first = 1
        source.frame.pointee.colorspace = AVCOL_SPC_BT709
        source.frame.pointee.color_range = AVCOL_RANGE_JPEG
        source.frame.pointee.sample_aspect_ratio = AVRational(num: 4, den: 3)
        #expect(av_frame_new_side_data(source.frame, AV_FRAME_DATA_DISPLAYMATRIX, 36) != nil)
        let separated = try #require(PlaneSeparation.separated(source.frame, as: AV_PIX_FMT_YUVJ420P))
        defer { withExtendedLifetime((source, separated)) {} }
        let result = separated.frame
        #expect(result.pointee.pts == 77 && result.pointee.best_effort_timestamp == 78 && result.pointee.interlaced_frame == 1 && result.pointee.top_field_first == 1)
        #expect(result.pointee.colorspace == AVCOL_SPC_BT709 && result.pointee.color_range == AVCOL_RANGE_JPEG && result.pointee.sample_aspect_ratio.num == 4)
        #expect(av_frame_get_side_data(result, AV_FRAME_DATA_DISPLAYMATRIX) != nil)
    }

    @Test func aFormatThatWouldLoseSomethingIsNotGiven() throws {
        for (hardware, software) in [(AV_PIX_FMT_P010LE, AV_PIX_FMT_YUV420P), (AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P10LE), (AV_PIX_FMT_NV12, AV_PIX_FMT_YUV422P),
                                     (AV_PIX_FMT_NV12, AV_PIX_FMT_NV12), (AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P), (AV_PIX_FMT_NV12, AV_PIX_FMT_NONE)] {
            let source = try #require(PictureBuffer(width: 32, height: 32, format: hardware))
            defer { withExtendedLifetime(source) {} }
            #expect(PlaneSeparation.separated(source.frame, as: software) == nil)
        }
    }

    private func write(_ samples: [Int], to plane: UnsafeMutablePointer<UInt8>?, _ stride: Int32, _ width: Int, _ layout: Layout) {
        for (index, sample) in samples.enumerated() {
            let value = UInt16(sample << layout.shift), offset = index / width * Int(stride) + index % width * layout.bytes
            plane?[offset] = UInt8(truncatingIfNeeded: value)
            if layout.bytes == 2 { plane?[offset + 1] = UInt8(truncatingIfNeeded: value >> 8) }
        }
    }

    private func read(_ plane: UnsafeMutablePointer<UInt8>?, _ stride: Int32, _ width: Int, _ height: Int, _ layout: Layout) -> [Int] {
        guard let plane else { return [] }
        return (0..<width * height).map { index in
            let offset = index / width * Int(stride) + index % width * layout.bytes
            return Int(plane[offset]) | (layout.bytes == 2 ? Int(plane[offset + 1]) << 8 : 0)
        }
    }
}
