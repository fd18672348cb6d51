import CLibAV
import Foundation
import Media
import Testing

@Suite struct VideoSamplerTests {
    private func sampling(count: Int, interval: Double) -> FrameSampling {
        var sampling = FrameSampling()
        sampling.count = count
        sampling.intervalSeconds = interval
        sampling.jpegWidth = 64
        return sampling
    }

    /// The number of the picture that a flat frame shows, by its luma (see `TestVideo.luma`); limited to video range.
    private func showsPicture(_ picture: Int, _ frame: SampledVideo.Frame) -> Bool {
        let expected = (Double(TestVideo.luma(ofPicture: picture)) - 16) * 255 / 219
        let mean = frame.thumbnail.luma.reduce(0.0) { $0 + Double($1) } / Double(frame.thumbnail.luma.count)
        return abs(mean - expected) < 3
    }

    @Test(arguments: [("mkv", Int32(0)), ("mp4", 2), ("avi", 0), ("mp4", 0)])
    func takesTheFramesOnScreenAtTheTargets(fileExtension: String, bFrames: Int32) throws {
        var video = TestVideo()
        video.fileExtension = fileExtension
        video.bFrames = bFrames
        try video.withFile { path in
            let result = try VideoSampler(sampling: sampling(count: 9, interval: 0.5)).sample(path)
            #expect(result.decodedFrames == 100)
            #expect(abs(result.durationSeconds - 4) < 0.01)
            #expect(result.frames.count == 8)
            for (index, frame) in result.frames.enumerated() {
                let expected = Int((Double(index) * 0.5 + 0.001) / 0.04)
                #expect(frame.index == expected)
                #expect(abs(frame.seconds - Double(expected) * 0.04) < 0.001)
                #expect(showsPicture(expected, frame))
                #expect(frame.jpeg.prefix(2) == [0xFF, 0xD8] && frame.jpeg.suffix(2) == [0xFF, 0xD9])
            }
        }
    }

    /// What a plan gives is what a full decode gives, also where a plan cannot be made or fails.
    @Test(arguments: [("mkv", Int32(0), AV_CODEC_ID_MPEG4), ("mp4", 2, AV_CODEC_ID_MPEG4), ("avi", 0, AV_CODEC_ID_MPEG4), ("mkv", 2, AV_CODEC_ID_MPEG2VIDEO),
                      ("ts", 2, AV_CODEC_ID_MPEG2VIDEO)])
    func decodingLittleGivesWhatDecodingAllGives(fileExtension: String, bFrames: Int32, codec: AVCodecID) throws {
        var video = TestVideo()
        video.fileExtension = fileExtension
        video.bFrames = bFrames
        video.codec = codec
        video.luma = { picture, x, y in UInt8(truncatingIfNeeded: 60 + (x * 3 + y * 5 + picture * 11) % 130) }
        var exact = sampling(count: 9, interval: 0.43)
        exact.includesFrameMD5 = true
        try video.withFile { path in
            let all = try VideoSampler(sampling: exact).sample(path) { _, _, _ in }
            #expect(all.frames.count == 9)
            for result in [try VideoSampler(sampling: exact).sample(path), try VideoSampler(sampling: exact).sample(path, survey: FrameSurvey()) { _, _, _ in }] {
                #expect(result.frames.map(\.md5) == all.frames.map(\.md5))
                #expect(result.frames.map(\.index) == all.frames.map(\.index) && result.frames.map(\.seconds) == all.frames.map(\.seconds))
                #expect(result.frames.map(\.jpeg) == all.frames.map(\.jpeg))
                #expect(result.durationSeconds == all.durationSeconds && result.decodedFrames == all.decodedFrames && result.stream == all.stream)
            }
        }
    }

    @Test func aSurveyTellsTheFramesPlaces() throws {
        var video = TestVideo()
        video.codec = AV_CODEC_ID_MPEG2VIDEO
        video.bFrames = 2
        try video.withFile { path in
            var every: [Int: Double] = [:], seen: [Int: Double] = [:]
            var begun = 0
            _ = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path) { every[$2] = $1 }
            _ = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path, survey: FrameSurvey(), begin: { begun += 1 }) { seen[$2] = $1 }
            #expect(every.count == 100 && begun == 1)
            #expect(seen.count >= 30)
            #expect(seen.allSatisfy { every[$0.key] == $0.value })
        }
    }

    @Test(arguments: [AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO]) func damageMeansAFullDecodeFromTheStart(codec: AVCodecID) throws {
        var video = TestVideo()
        video.codec = codec
        video.bFrames = 2
        video.luma = { picture, x, y in UInt8(truncatingIfNeeded: 60 + (x * x * 3 + y * y * 5 + picture * 11) % 130) }
        // 24 is a picture that stands alone; 26 and 27 are between.
        video.damagedMilliseconds = [960, 1040, 1080]
        try video.withFile { path in
            let all = try VideoSampler(sampling: sampling(count: 8, interval: 0.5)).sample(path) { _, _, _ in }
            #expect(all.frames.count == 8)
            let little = try VideoSampler(sampling: sampling(count: 8, interval: 0.5)).sample(path)
            #expect(little.frames.map(\.jpeg) == all.frames.map(\.jpeg) && little.frames.map(\.index) == all.frames.map(\.index))
            #expect(little.decodedFrames == all.decodedFrames && little.damagedPackets == all.damagedPackets)
            var shown = 0, begun = 0
            let survey = try VideoSampler(sampling: sampling(count: 8, interval: 0.5)).sample(path, survey: FrameSurvey(), begin: { begun += 1; shown = 0 }) { _, _, _ in shown += 1 }
            // MPEG-4's packets do not tell what may be passed over: a survey decodes it in full at once.
            #expect(begun == (codec == AV_CODEC_ID_MPEG4 ? 1 : 2) && shown == all.decodedFrames)
            #expect(survey.frames.map(\.jpeg) == all.frames.map(\.jpeg))
        }
    }

    @Test func aContactSheetHoldsAllFramesFiveARow() throws {
        var video = TestVideo()
        video.width = 96
        try video.withFile { path in
            var withSheet = sampling(count: 7, interval: 0.5)
            #expect(try VideoSampler(sampling: withSheet).sample(path).contactSheet == nil)
            withSheet.includesContactSheet = true
            let sheet = try #require(try VideoSampler(sampling: withSheet).sample(path).contactSheet)
            #expect(sheet.prefix(2) == [0xFF, 0xD8] && sheet.suffix(2) == [0xFF, 0xD9])
            // The frame header (FF C0, length, precision) tells height and width: two rows of 170, five tiles of 256.
            let header = try #require(sheet.indices.dropLast(9).first { sheet[$0] == 0xFF && sheet[$0 + 1] == 0xC0 })
            #expect(Int(sheet[header + 5]) << 8 | Int(sheet[header + 6]) == 2 * 170)
            #expect(Int(sheet[header + 7]) << 8 | Int(sheet[header + 8]) == 5 * 256)
        }
    }

    @Test func variableRatesAndLateStartsCountFromTheFirstFrame() throws {
        var video = TestVideo()
        video.milliseconds = [5000, 5040, 5700, 5720, 6900, 7990, 8000]
        try video.withFile { path in
            let result = try VideoSampler(sampling: sampling(count: 4, interval: 1)).sample(path)
            #expect(result.frames.map(\.index) == [0, 3, 4, 6])
        }
    }

    @Test func everyFrameIsShownToTheVisitorInOrder() throws {
        try TestVideo().withFile { path in
            var times: [Double] = []
            _ = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path) { picture, seconds, index in
                #expect(index == times.count && picture.width == 64 && picture.height == 43)
                times.append(seconds)
            }
            #expect(times.count == 100 && times == times.sorted())
        }
    }

    @Test func theSameFileGivesTheSameBytes() throws {
        var video = TestVideo()
        video.luma = { picture, x, y in UInt8(truncatingIfNeeded: 60 + (x * 3 + y * 5 + picture * 11) % 130) }
        try video.withFile { path in
            let first = try VideoSampler(sampling: sampling(count: 4, interval: 1)).sample(path)
            let second = try VideoSampler(sampling: sampling(count: 4, interval: 1)).sample(path)
            #expect(first.frames.map(\.jpeg) == second.frames.map(\.jpeg))
            // A frame's bytes do not depend on the frames before it.
            var late = sampling(count: 1, interval: 1)
            late.offsetSeconds = 2
            #expect(try VideoSampler(sampling: late).sample(path).frames[0].jpeg == first.frames[2].jpeg)
        }
    }

    @Test func aDisplayMatrixTurnsThePictureUpright() throws {
        var video = TestVideo()
        video.fileExtension = "mp4"
        video.displayRotation = 90
        video.luma = { _, x, _ in x < 48 ? 40 : 200 } // dark left
        try video.withFile { path in
            let result = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path)
            let frame = result.frames[0]
            #expect(result.stream.rotationDegrees == 90)
            #expect((result.stream.displayWidth, result.stream.displayHeight) == (64, 96))
            #expect((frame.jpegWidth, frame.jpegHeight) == (64, 96))
            // Left comes to the top.
            #expect(frame.thumbnail.luma.first! < 60 && frame.thumbnail.luma.last! > 180)
        }
    }

    @Test func wideSamplesBecomeSquare() throws {
        var video = TestVideo()
        video.aspect = AVRational(num: 2, den: 1)
        try video.withFile { path in
            let result = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path)
            #expect((result.stream.displayWidth, result.stream.displayHeight) == (192, 64))
            #expect((result.frames[0].jpegWidth, result.frames[0].jpegHeight) == (64, 22))
        }
    }

    @Test func fullRangeVideoKeepsItsLevels() throws {
        var video = TestVideo()
        video.codec = AV_CODEC_ID_MJPEG
        video.luma = { _, _, _ in 100 }
        try video.withFile { path in
            let result = try VideoSampler(sampling: sampling(count: 1, interval: 1)).sample(path)
            #expect(abs(Int(result.frames[0].thumbnail.luma[0]) - 100) <= 1)
        }
    }

    @Test func aLimitOfFramesOrTimeEndsTheReadingAndSaysSo() throws {
        try TestVideo().withFile { path in
            var limits = MediaLimits()
            limits.maximumFrames = 30
            let few = try VideoSampler(sampling: sampling(count: 5, interval: 1), limits: limits).sample(path)
            #expect(few.isTruncated && few.decodedFrames == 30 && few.frames.map(\.index) == [0, 25])
            limits = MediaLimits()
            limits.maximumDuration = .seconds(2)
            let short = try VideoSampler(sampling: sampling(count: 5, interval: 1), limits: limits).sample(path)
            #expect(short.isTruncated && short.decodedFrames == 51)
        }
    }

    @Test func picturesOverTheLimitAreRefusedByName() throws {
        try TestVideo().withFile { path in
            var limits = MediaLimits()
            limits.maximumWidth = 64
            let error = #expect(throws: MediaError.self) { try VideoSampler(limits: limits).sample(path) }
            #expect(error?.code == .videoTooLarge)
        }
    }

    @Test func aDeadlineEndsTheWorkAndMayBeTriedAgain() throws {
        try TestVideo().withFile { path in
            var limits = MediaLimits()
            limits.deadline = .zero
            let error = #expect(throws: MediaError.self) { try VideoSampler(limits: limits).sample(path) }
            #expect(error?.code == .deadline && error?.isRetriable == true)
        }
    }

    @Test func settingsOutOfRangeAreRefused() {
        var sampling = FrameSampling()
        sampling.intervalSeconds = .nan
        #expect(throws: MediaError.self) { try VideoSampler(sampling: sampling).sample("/nowhere") }
    }
}
