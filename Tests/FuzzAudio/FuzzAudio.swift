import Foundation
import Glibc
import Media
import MusicAnalysis

// The fuzzer's entry, see scripts/fuzz: bytes are taken for a file with sound, which is decoded, whole and in part, and whose music is read. A clear error is a good
// answer; what must not be is a crash, a hang, memory without bound, or features that no JSON can hold.

/// In memory, and of this process alone.
private let path = "/dev/shm/mvfleet-fuzz-audio-\(getpid())"

private let limits: MediaLimits = {
    var limits = MediaLimits()
    limits.maximumDuration = .seconds(4)
    limits.deadline = .seconds(10)
    return limits
}()

/// More channels and samples than music has are decoded, and not analysed: the analyser takes what it is given, and its time is not what is looked for.
private let mostSamples = 1 << 20

/// libFuzzer's own loop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(_ argumentCount: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
                       _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt

/// What the package manager makes the program's `main`.
@_cdecl("fuzz_audio_main")
public func main(_ argumentCount: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var argumentCount = argumentCount, arguments = arguments
    defer { unlink(path) }
    return runDriver(&argumentCount, &arguments) { fuzzAudio($0, $1) }
}

private func fuzzAudio(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 0, let file = fopen(path, "w") else { return 0 }
    fwrite(bytes, 1, count, file)
    fclose(file)
    if let part = try? AudioDecoder().decode(path: path, from: 0.37, limits: limits) { check(part) }
    guard let clip = try? AudioDecoder().decode(path: path, limits: limits) else { return 0 }
    check(clip)
    guard clip.frameCount * clip.channels.count <= mostSamples else { return 0 }
    let samples = AudioSamples(sampleRate: clip.sampleRate, channels: clip.channels)
    // As it is analysed: in blocks, with all that can be asked for.
    var session = MusicAnalysisSession(sampleRate: clip.sampleRate, channelCount: clip.channels.count, expectedFrames: count, includesWaveform: true, includesVoice: true)
    for first in stride(from: 0, to: clip.frameCount, by: 4_099) { session.append(clip.channels.map { Array($0[first ..< min(first + 4_099, clip.frameCount)]) }) }
    let features = session.finish().features
    precondition(features.egemaps.map { $0.count == 88 } ?? (clip.duration < 0.061), "there are 88 functionals")
    check(features, duration: clip.duration)
    let plot = MusicPlot(name: clip.container, duration: clip.duration, offset: clip.startTime, features: features, waveform: WaveformEnvelope(samples, count: 200)).svg()
    precondition(plot.hasSuffix("</svg>\n"), "a plot is whole")
    return 0
}

private func check(_ clip: AudioClip) {
    precondition(clip.frameCount > 0 && (1_000 ... 768_000).contains(clip.sampleRate), "a clip has samples at a rate")
    precondition(clip.channels.allSatisfy { $0.count == clip.frameCount && $0.allSatisfy(\.isFinite) }, "channels are finite, and of one length")
    precondition(clip.duration <= 4.001, "a clip is no longer than was asked for")
    precondition(clip.startTime.isFinite && clip.startTime >= 0, "a start is a time")
}

private func check(_ features: MusicFeatures, duration: Double) {
    // The encoder refuses what is not finite.
    precondition((try? JSONEncoder().encode(features)) != nil, "features are finite")
    precondition(zip(features.beats, features.beats.dropFirst()).allSatisfy { $0 < $1 }, "beats ascend")
    precondition(zip(features.chords, features.chords.dropFirst()).allSatisfy { $0.end == $1.start }, "chords have no gaps")
    precondition(features.sections.allSatisfy { $0.start < $0.end && $0.end <= duration + 0.001 }, "sections lie within the clip")
    precondition(zip(features.windows, features.windows.dropFirst()).allSatisfy { $0.end == $1.start }, "windows have no gaps")
    for share in [features.tempoConfidence, features.metreConfidence, features.keyConfidence, features.percussiveness] + features.energy + features.chroma {
        precondition((0 ... 1).contains(share), "shares are shares")
    }
}
