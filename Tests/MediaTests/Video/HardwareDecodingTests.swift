import CLibAV
import Foundation
import Media
import Synchronization
import Testing

/// Whatever the machine has: a video's frames are those that software gives.
@Suite struct HardwareDecodingTests {
    /// The first recipe of each codec that a device may decode, and two that none may.
    private static let recipes = ["libx264", "libx265", "libvpx", "libvpx-vp9", "libaom-av1", "mpeg4", "mpeg2video"].compactMap { encoder in
        PlannedDecodingTests.recipes.first { $0.encoder == encoder }
    }

    /// A device that opens, and then takes no video: a VA-API context without a driver behind it.
    private static let useless: @Sendable (HardwareDecoder) -> Result<HardwareDevice, HardwareAbsence> = { _ in
        guard let reference = av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_VAAPI) else { return .failure(HardwareAbsence(reason: "no memory")) }
        return .success(HardwareDevice(.vaapi, reference: reference))
    }

    private func expectSoftwaresFrames(_ path: String, _ hardware: HardwareDevices) throws {
        var sampling = FrameSampling()
        sampling.intervalSeconds = 0.31
        sampling.jpegWidth = 64
        sampling.includesFrameMD5 = true
        sampling.includesContactSheet = true
        let software = VideoSampler(sampling: sampling), other = VideoSampler(sampling: sampling, hardware: hardware)
        func ways(_ sampler: VideoSampler) throws -> [(video: SampledVideo, looks: [Int])] {
            var looks: [Int] = [], all: [Int] = []
            return [(try sampler.sample(path), []),
                    (try sampler.sample(path, survey: FrameSurvey(), begin: { looks = [] }) { _, _, index in looks.append(index) }, looks),
                    (try sampler.sample(path, begin: { all = [] }) { _, _, index in all.append(index) }, all)]
        }
        for (expected, found) in zip(try ways(software), try ways(other)) {
            #expect(found.video.frames.map(\.md5) == expected.video.frames.map(\.md5) && !found.video.frames.isEmpty)
            #expect(found.video.frames.map(\.index) == expected.video.frames.map(\.index) && found.video.frames.map(\.jpeg) == expected.video.frames.map(\.jpeg))
            #expect(found.video.contactSheet == expected.video.contactSheet && found.video.stream == expected.video.stream)
            #expect(found.video.damagedPackets == expected.video.damagedPackets && found.video.durationSeconds == expected.video.durationSeconds)
            #expect(found.looks == expected.looks && found.video.isPlanned == expected.video.isPlanned)
        }
    }

    @Test(arguments: recipes) func whatThisMachineHasGivesTheFramesOfSoftware(recipe: PlannedDecodingTests.Recipe) throws {
        var lot = SeededLot(seed: 1)
        try PlannedDecodingTests.video(recipe, &lot).withFile { try expectSoftwaresFrames($0, HardwareDevices(HardwareDecoding.auto.decoders)) }
    }

    /// H.264, HEVC, VP8 and VP9 go on in the same decoder; AV1's has no way without the hardware, and the video is begun again.
    @Test(arguments: recipes) func aDeviceThatTakesNoVideoLeavesItToSoftware(recipe: PlannedDecodingTests.Recipe) throws {
        var lot = SeededLot(seed: 2)
        try PlannedDecodingTests.video(recipe, &lot).withFile { path in
            let devices = HardwareDevices([.vaapi], opening: Self.useless)
            try expectSoftwaresFrames(path, devices)
            #expect(try VideoSampler(hardware: devices).sample(path).hardware == nil)
        }
    }

    @Test func damageIsMendedBySoftwareInItsOwnWay() throws {
        var video = TestVideo(encoder: "libx264", milliseconds: (0..<60).map { $0 * 40 }, damagedMilliseconds: [240, 1000])
        video.encoderOptions = ["preset": "ultrafast"]
        try video.withFile { try expectSoftwaresFrames($0, HardwareDevices([.vaapi], opening: Self.useless)) }
    }

    @Test func aDeviceIsOpenedOnceAndOnlyForCodecsThatAreExact() throws {
        let opened = Mutex(0)
        let devices = HardwareDevices([.cuda, .vaapi], opening: { _ in
            opened.withLock { $0 += 1 }
            return .failure(HardwareAbsence(reason: "not here"))
        })
        try TestVideo(milliseconds: [0, 40, 80]).withFile { path in
            _ = try VideoSampler(hardware: devices).sample(path)
            #expect(opened.withLock { $0 } == 0, "MPEG-4's transform may be rounded in several ways")
        }
        try TestVideo(encoder: "libx264", milliseconds: [0, 40, 80]).withFile { path in
            for _ in 0..<3 { _ = try VideoSampler(hardware: devices).sample(path) }
        }
        #expect(opened.withLock { $0 } == 2)
        #expect(devices.absence(of: .cuda) == "not here")
    }

    @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/dev/nvidiactl"))) func aMissingDeviceHasItsReason() throws {
        let reason = try #require(HardwareDevices([.cuda]).absence(of: .cuda))
        #expect(!reason.isEmpty)
    }

    @Test func whatIsAskedForIsTriedInOrder() {
        #expect(HardwareDecoding.off.decoders.isEmpty && HardwareDecoding.auto.decoders == [.cuda, .vaapi])
        #expect(HardwareDecoding.cuda.decoders == [.cuda] && HardwareDecoding.vaapi.decoders == [.vaapi])
    }
}
