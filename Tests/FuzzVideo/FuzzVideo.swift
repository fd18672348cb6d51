import Foundation
import Glibc
import Media
import VisualAnalysis

// The fuzzer's entry, see scripts/fuzz: bytes are taken for a video file, which is opened, planned, decoded both ways and looked at. A clear error is a good answer;
// what must not be is a crash, a hang, memory without bound, or a picture of another size than it says.

/// In memory, and of this process alone.
private let path = "/dev/shm/mvfleet-fuzz-\(getpid())"

private let limits: MediaLimits = {
    var limits = MediaLimits()
    limits.maximumWidth = 2048
    limits.maximumHeight = 2048
    limits.maximumPixels = 1 << 20
    limits.maximumFrames = 120
    limits.maximumDuration = .seconds(20)
    limits.deadline = .seconds(10)
    return limits
}()

private let sampling: FrameSampling = {
    var sampling = FrameSampling()
    sampling.count = 4
    sampling.intervalSeconds = 0.7
    sampling.jpegWidth = 64
    sampling.includesContactSheet = true
    sampling.includesFrameMD5 = true
    return sampling
}()

/// libFuzzer's own loop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(_ argumentCount: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
                       _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt

/// What the package manager makes the program's `main`.
@_cdecl("fuzz_video_main")
public func main(_ argumentCount: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var argumentCount = argumentCount, arguments = arguments
    defer { unlink(path) }
    return runDriver(&argumentCount, &arguments) { fuzzVideo($0, $1) }
}

private func fuzzVideo(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 0, let file = fopen(path, "w") else { return 0 }
    fwrite(bytes, 1, count, file)
    fclose(file)
    let sampler = VideoSampler(sampling: sampling, limits: limits)
    if let video = try? sampler.sample(path) { check(video) }
    var analyzer = VisualAnalyzer()
    if let video = try? sampler.sample(path, survey: FrameSurvey(), begin: { analyzer = VisualAnalyzer() }, visit: { picture, seconds, _ in
        analyzer.add(Thumbnail(width: picture.width, height: picture.height, luma: picture.luma, blueDifference: picture.blueDifference, redDifference: picture.redDifference),
                     seconds: seconds)
    }) {
        check(video)
        let analysis = analyzer.finish()
        precondition(zip(analysis.features.cuts, analysis.features.cuts.dropFirst()).allSatisfy { $0 <= $1 }, "cuts ascend")
    }
    return 0
}

private func check(_ video: SampledVideo) {
    precondition(video.durationSeconds.isFinite && video.durationSeconds >= 0, "a duration is a time")
    precondition(video.frames.count <= sampling.count, "no more frames than were asked for")
    for frame in video.frames {
        precondition(frame.seconds.isFinite && frame.seconds >= 0 && frame.seconds <= frame.targetSeconds + 0.0011, "a frame is on screen at its target")
        precondition(frame.jpeg.starts(with: [0xFF, 0xD8]), "a frame is a JPEG")
    }
}
