import Foundation
import MusicAnalysis
import Stages
import Testing

/// What is measured by EBU R128 against FFmpeg's `ebur128` filter, on the development clips and on generated sound.
@Suite(.enabled(if: LoudnessPeer.ffmpeg != nil, "the ffmpeg program, which is the reference, is not installed")) struct LoudnessPeerTests {
    /// The filter prints tenths. Its range takes in blocks that begin before the sound does. Its peak of a sine that begins at once is that of the first
    /// moment, where the rest of the interpolator stands in nothing; so sines fade in here.
    private static func compare(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let ours = try analyzeAudio(path: path).features.loudness
        let theirs = try LoudnessPeer.measure(path)
        func expect(_ name: String, _ value: Double?, _ reference: Double?, within tolerance: Double) {
            guard let value, let reference else { return #expect(value == nil && reference == nil, "\(path): \(name)", sourceLocation: sourceLocation) }
            #expect(abs(value - reference) <= tolerance + 0.051, "\(path): \(name) is \(value), by the filter \(reference)", sourceLocation: sourceLocation)
        }
        expect("integrated", ours.integratedLufs, theirs.integrated, within: 0.05)
        expect("range", ours.rangeLu, theirs.range, within: 0.15)
        expect("momentary", ours.momentaryMaxLufs, theirs.momentary, within: 0.05)
        expect("short-term", ours.shortTermMaxLufs, theirs.shortTerm, within: 0.05)
        expect("true peak", ours.truePeakDbtp, theirs.truePeak, within: 0.15)
    }

    @Test(arguments: [
        "sine=997:r=48000:d=30,afade=d=0.1,volume=-6dB,aformat=channel_layouts=stereo", "anoisesrc=r=44100:c=pink:seed=1:d=30,volume=0.3",
        "anoisesrc=r=32000:c=white:seed=2:d=60,volume=0.05*(1+floor(t/15)):eval=frame", "sine=11025:r=44100:d=30,afade=d=0.1,volume=0.9",
    ])
    func generatedSound(_ source: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-loudness-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("sound.wav").path
        _ = try LoudnessPeer.run(["-f", "lavfi", "-i", source, "-c:a", "pcm_f32le", file])
        try Self.compare(file)
    }

    @Test(.enabled(if: !LoudnessPeer.clips.isEmpty, "the shared development clips are not there"), arguments: LoudnessPeer.clips)
    func developmentClips(_ path: String) throws { try Self.compare(path) }
}

enum LoudnessPeer {
    struct Loudness {
        var integrated, range, momentary, shortTerm, truePeak: Double?
    }

    static let ffmpeg = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/ffmpeg" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Every sixth of the shared development set.
    static let clips: [String] = {
        let data = ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared/data").standardizedFileURL.path
        let folder = data + "/audio/clips"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        return stride(from: 0, to: names.count, by: 6).map { folder + "/" + names[$0] }
    }()

    static func measure(_ path: String) throws -> Loudness {
        let text = try run(["-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"])
        func numbers(_ label: String) -> [Double] {
            text.components(separatedBy: label).dropFirst().compactMap { Double($0.drop { $0 == " " }.prefix { "-+.0123456789".contains($0) }) }
        }
        // One line a tenth of a second with M and S, then the summary.
        func largest(_ label: String) -> Double? { numbers(label).max().flatMap { $0 > -70 ? $0 : nil } }
        return Loudness(integrated: numbers("\n    I:").last, range: numbers("\n    LRA:").last, momentary: largest(" M:"), shortTerm: largest(" S:"),
                        truePeak: numbers("\n    Peak:").last)
    }

    static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ffmpeg ?? "/usr/bin/ffmpeg")
        process.arguments = ["-nostdin", "-hide_banner", "-y"] + arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "ffmpeg: \(text.suffix(500))")
        return text
    }
}
