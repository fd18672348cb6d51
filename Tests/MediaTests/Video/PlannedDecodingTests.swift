import CLibAV
import Media
import Testing

/// Whatever the encoder, the container and the time stamps: what a plan gives is what decoding everything gives.
@Suite struct PlannedDecodingTests {
    /// One way to make streams; the rest is drawn by lot, the same for the same seed.
    struct Recipe: Hashable, Sendable, CustomTestStringConvertible {
        var encoder: String
        var fileExtension: String
        var seed: UInt64
        var testDescription: String { "\(encoder) in \(fileExtension), seed \(seed)" }
    }

    private static let encoders = [("libx264", ["mp4", "mkv", "ts"]), ("libx265", ["mp4", "mkv"]), ("mpeg4", ["mp4", "avi"]), ("mpeg2video", ["ts", "mkv"]),
                                   ("libvpx", ["webm"]), ("libvpx-vp9", ["webm", "mp4"]), ("libaom-av1", ["mkv"]), ("libtheora", ["ogv"])]
    static let missing = encoders.map(\.0).filter { avcodec_find_encoder_by_name($0) == nil }
    static let recipes = encoders.filter { !missing.contains($0.0) }.flatMap { encoder, extensions in
        let seeds: UInt64 = encoder == "libx264" ? 12 : (encoder == "libaom-av1" ? 2 : 4)
        return extensions.flatMap { fileExtension in (0..<seeds).map { Recipe(encoder: encoder, fileExtension: fileExtension, seed: $0) } }
    }

    @Test(.enabled(if: missing.isEmpty, "FFmpeg here is built without encoders")) func everyCodecIsTried() {
        #expect(Set(Self.recipes.map(\.encoder)).count == Self.encoders.count)
    }

    @Test(arguments: recipes) func decodingByAPlanGivesWhatDecodingAllGives(recipe: Recipe) throws {
        var lot = SeededLot(seed: recipe.seed &* 1_000_003 &+ UInt64(recipe.encoder.utf8.reduce(0) { $0 * 31 + Int($1) }))
        let video = Self.video(recipe, &lot)
        var sampling = FrameSampling()
        sampling.count = lot.pick([4, 9, 15])
        sampling.intervalSeconds = lot.pick([0.09, 0.31, 0.5, 0.83])
        sampling.offsetSeconds = lot.pick([0, 0, 0.37, 2])
        sampling.jpegWidth = 64
        sampling.includesFrameMD5 = true
        try video.withFile { path in
            let sampler = VideoSampler(sampling: sampling)
            let all = try sampler.sample(path) { _, _, _ in }
            var isSurveyed = false
            for little in [try sampler.sample(path), try sampler.sample(path, survey: FrameSurvey()) { _, _, _ in isSurveyed = true }] {
                #expect(little.frames.map(\.index) == all.frames.map(\.index) && little.frames.map(\.seconds) == all.frames.map(\.seconds))
                #expect(little.frames.map(\.target) == all.frames.map(\.target))
                #expect(little.frames.map(\.md5) == all.frames.map(\.md5))
                #expect(little.frames.map(\.jpeg) == all.frames.map(\.jpeg))
                #expect(little.frames.map(\.thumbnail) == all.frames.map(\.thumbnail))
                #expect(little.durationSeconds == all.durationSeconds && little.decodedFrames == all.decodedFrames && little.framesPerSecond == all.framesPerSecond)
                #expect(little.stream == all.stream && little.damagedPackets == all.damagedPackets && little.isTruncated == all.isTruncated)
            }
            #expect(isSurveyed)
        }
    }

    /// The suite above would show nothing if there were never a plan.
    @Test(arguments: recipes.filter { $0.fileExtension != "ts" && $0.seed == 0 }) func ordinaryStreamsHaveAPlan(recipe: Recipe) throws {
        var video = TestVideo()
        video.encoder = recipe.encoder
        video.fileExtension = recipe.fileExtension
        video.groupLength = 12
        if recipe.encoder == "libvpx" || recipe.encoder == "libvpx-vp9" { video.encoderOptions = ["deadline": "realtime", "cpu-used": "8"] }
        if recipe.encoder == "libaom-av1" { video.encoderOptions = ["usage": "realtime", "cpu-used": "8"] }
        if recipe.encoder == "libx265" { video.encoderOptions = ["preset": "ultrafast", "x265-params": "log-level=none"] }
        var sampling = FrameSampling()
        sampling.intervalSeconds = 0.5
        try video.withFile { path in
            let little = try VideoSampler(sampling: sampling).sample(path), all = try VideoSampler(sampling: sampling).sample(path) { _, _, _ in }
            #expect(little.isPlanned && !all.isPlanned)
        }
    }

    static func video(_ recipe: Recipe, _ lot: inout SeededLot) -> TestVideo {
        var video = TestVideo()
        video.encoder = recipe.encoder
        video.fileExtension = recipe.fileExtension
        video.groupLength = lot.pick([1, 6, 12, 30, 250])
        video.bFrames = lot.pick([0, 1, 2, 3, 7])
        let pictures = Int(lot.pick([20, 60, 110]))
        // A shot of so many pictures; between shots nothing can be predicted.
        let shot = lot.pick([7, 23, 1000])
        video.luma = { picture, x, y in UInt8(truncatingIfNeeded: 30 + (x * 3 + y * (5 + picture / shot % 3) + picture * 11 + picture / shot * 71) % 190) }
        let hasOneRate = ["mpeg2video", "libtheora"].contains(recipe.encoder) || ["ts", "avi", "ogv"].contains(recipe.fileExtension)
        let varies = !hasOneRate && lot.pick([true, false])
        var time: Int64 = hasOneRate ? 0 : lot.pick([0, 0, 1300, 13_700])
        if recipe.fileExtension == "mp4", lot.pick([true, false, false]) {
            time = -400
            video.keepsNegativeTimes = true
        }
        video.milliseconds = (0..<pictures).map { picture in
            defer { time += varies ? (picture % 37 == 36 ? 2500 : lot.pick([7, 16, 33, 40, 120])) : 40 }
            return time
        }
        switch recipe.encoder {
        case "libx264":
            let parameters = ["b-pyramid=\(lot.pick(["none", "strict", "normal"]))", "open-gop=\(lot.pick([0, 1]))", "ref=\(lot.pick([1, 3, 6]))",
                              "slices=\(lot.pick([1, 1, 3]))", "weightp=\(lot.pick([0, 2]))", "b-adapt=\(lot.pick([0, 1]))", "intra-refresh=\(lot.pick([0, 0, 0, 0, 1]))",
                              "tff=\(lot.pick([0, 0, 0, 0, 1]))"]
            video.encoderOptions = ["preset": lot.pick(["ultrafast", "veryfast"]), "x264-params": parameters.joined(separator: ":")]
        case "libx265":
            let parameters = ["log-level=none", "rc-lookahead=20", "b-pyramid=\(lot.pick([0, 1]))", "open-gop=\(lot.pick([0, 1]))", "ref=\(lot.pick([1, 3]))"]
            video.encoderOptions = ["preset": "ultrafast", "x265-params": parameters.joined(separator: ":")]
        case "libvpx", "libvpx-vp9":
            video.encoderOptions = ["deadline": "realtime", "cpu-used": "8", "auto-alt-ref": lot.pick(["0", "1"]), "lag-in-frames": lot.pick(["0", "16"]),
                                    "error-resilient": lot.pick(["0", "0", "default"])]
        case "libaom-av1":
            video.encoderOptions = ["usage": lot.pick(["realtime", "good"]), "cpu-used": "8", "lag-in-frames": lot.pick(["0", "19"])]
        default: break
        }
        return video
    }
}
