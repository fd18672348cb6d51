import CLibAV
import Media
import Testing

/// A Vulkan device, which a machine may have without a graphics card (Mesa's lavapipe). Never freed: it lives as long as the tests.
///
/// `@unchecked Sendable`: the reference is constant, and FFmpeg's device contexts are made to be shared between threads.
private struct VulkanDevice: @unchecked Sendable {
    static let first: VulkanDevice? = {
        var reference: UnsafeMutablePointer<AVBufferRef>?
        guard av_hwdevice_ctx_create(&reference, AV_HWDEVICE_TYPE_VULKAN, nil, nil, 0) >= 0, let reference else { return nil }
        return VulkanDevice(reference: reference)
    }()

    let reference: UnsafeMutablePointer<AVBufferRef>
}

/// Pictures that are in a real device's memory.
@Suite(.enabled(if: VulkanDevice.first != nil, "no Vulkan device is here")) struct HardwarePictureTests {
    @Test(arguments: [(AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P), (AV_PIX_FMT_P010LE, AV_PIX_FMT_YUV420P10LE)]) func aPictureComesBackAsItWent(hardware: AVPixelFormat, software: AVPixelFormat) throws {
        let (width, height) = (130, 98)
        let source = try #require(PictureBuffer(width: width, height: height, format: hardware)), inDevice = try #require(PictureBuffer())
        defer { withExtendedLifetime((source, inDevice)) {} }
        var lot = SeededLot(seed: 5)
        // P010 has nothing in the lower 6 bits of its little-endian samples.
        func fill(_ plane: UnsafeMutablePointer<UInt8>?, _ count: Int) {
            for index in 0..<count { plane?[index] = UInt8(truncatingIfNeeded: lot.next()) & (hardware == AV_PIX_FMT_P010LE && index % 2 == 0 ? 0xC0 : 0xFF) }
        }
        fill(source.frame.pointee.data.0, Int(source.frame.pointee.linesize.0) * height)
        fill(source.frame.pointee.data.1, Int(source.frame.pointee.linesize.1) * height / 2)
        source.frame.pointee.pts = 77
        source.frame.pointee.color_range = AVCOL_RANGE_JPEG
        try upload(source.frame, hardware, to: inDevice.frame)
        #expect(HardwarePicture.isOne(inDevice.frame) && !HardwarePicture.isOne(source.frame))

        let expected = try #require(PlaneSeparation.separated(source.frame, as: software))
        #expect(HardwarePicture.bring(inDevice.frame, as: software))
        #expect(!HardwarePicture.isOne(inDevice.frame) && inDevice.frame.pointee.format == software.rawValue)
        #expect(inDevice.frame.pointee.pts == 77 && inDevice.frame.pointee.color_range == AVCOL_RANGE_JPEG)
        let bytes = hardware == AV_PIX_FMT_NV12 ? 1 : 2
        for (plane, shift) in [(0, 0), (1, 1), (2, 1)] {
            #expect(inDevice.plane(plane, width: width * bytes >> shift, height: height >> shift) == expected.plane(plane, width: width * bytes >> shift, height: height >> shift))
        }
    }

    @Test func aPictureThatIsWantedInAnotherDepthStaysWhereItIs() throws {
        let source = try #require(PictureBuffer(width: 64, height: 64, format: AV_PIX_FMT_NV12)), inDevice = try #require(PictureBuffer())
        defer { withExtendedLifetime((source, inDevice)) {} }
        try upload(source.frame, AV_PIX_FMT_NV12, to: inDevice.frame)
        #expect(!HardwarePicture.bring(inDevice.frame, as: AV_PIX_FMT_YUV420P10LE) && HardwarePicture.isOne(inDevice.frame))
    }

    private func upload(_ source: UnsafeMutablePointer<AVFrame>, _ format: AVPixelFormat, to target: UnsafeMutablePointer<AVFrame>) throws {
        var frames: UnsafeMutablePointer<AVBufferRef>? = av_hwframe_ctx_alloc(try #require(VulkanDevice.first).reference)
        defer { av_buffer_unref(&frames) }
        let data = try #require(frames?.pointee.data)
        UnsafeMutableRawPointer(data).withMemoryRebound(to: AVHWFramesContext.self, capacity: 1) {
            $0.pointee.format = AV_PIX_FMT_VULKAN
            $0.pointee.sw_format = format
            $0.pointee.width = source.pointee.width
            $0.pointee.height = source.pointee.height
        }
        try #require(av_hwframe_ctx_init(frames) >= 0)
        try #require(av_hwframe_get_buffer(frames, target, 0) >= 0)
        try #require(av_hwframe_transfer_data(target, source, 0) >= 0)
        try #require(av_frame_copy_props(target, source) >= 0)
    }
}
