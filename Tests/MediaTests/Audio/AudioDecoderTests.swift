import Foundation
import Media
import Testing

@Suite struct AudioDecoderTests {
    /// A RIFF/WAVE file of 32-bit floats.
    static func wav(_ frames: [[Float]], rate: UInt32 = 8_000, declaredBytes: UInt32? = nil) -> Data {
        var data = Data()
        func append<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
        let channels = UInt16(frames.first?.count ?? 1)
        let bytes = declaredBytes ?? UInt32(frames.count) * UInt32(channels) * 4
        data.append(contentsOf: Array("RIFF".utf8))
        append(bytes &+ 36)
        data.append(contentsOf: Array("WAVEfmt ".utf8))
        append(UInt32(16))
        append(UInt16(3))
        append(channels)
        append(rate)
        append(rate * UInt32(channels) * 4)
        append(channels * 4)
        append(UInt16(32))
        data.append(contentsOf: Array("data".utf8))
        append(bytes)
        for frame in frames { for sample in frame { append(sample.bitPattern) } }
        return data
    }

    /// Calls `body` with the path of a temporary file that holds `data`.
    static func withFile<Result>(_ data: Data, named name: String = "clip.wav", _ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-audio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try data.write(to: file)
        return try body(file.path)
    }

    @Test func readsChannelsApart() throws {
        let frames: [[Float]] = (0 ..< 1_000).map { [Float($0) / 1_000, -Float($0) / 1_000] }
        let clip = try Self.withFile(Self.wav(frames)) { try AudioDecoder().decode(path: $0) }
        #expect(clip.sampleRate == 8_000)
        #expect(clip.channels.count == 2)
        #expect(clip.frameCount == 1_000)
        #expect(clip.channels[0] == frames.map { $0[0] })
        #expect(clip.channels[1] == frames.map { $0[1] })
        #expect(clip.codec == "pcm_f32")
        #expect(!clip.isTruncated)
    }

    @Test func goesByContentAndNotByName() throws {
        let data = Self.wav([[Float]](repeating: [0.5], count: 100))
        for name in ["clip.mp3", "clip.raw", "clip"] {
            #expect(try Self.withFile(data, named: name) { try AudioDecoder().decode(path: $0).frameCount } == 100)
        }
    }

    @Test func samplesThatAreNoNumbersBecomeSilenceAndAreCounted() throws {
        var frames = [[Float]](repeating: [0.25], count: 50)
        frames[3] = [.nan]
        frames[4] = [.infinity]
        frames[5] = [3e30]
        let clip = try Self.withFile(Self.wav(frames)) { try AudioDecoder().decode(path: $0) }
        #expect(clip.replacedSampleCount == 3)
        #expect(clip.channels[0][2 ... 6] == [0.25, 0, 0, 0, 0.25])
    }

    @Test func aHeaderThatLiesCostsNoMemory() throws {
        let data = Self.wav([[Float]](repeating: [0.1], count: 400), declaredBytes: 2_000_000_000)
        let clip = try Self.withFile(data) { try AudioDecoder().decode(path: $0) }
        #expect(clip.frameCount == 400)
    }

    @Test func readsTheFirstPartOfWhatIsTooLong() throws {
        var limits = MediaLimits()
        limits.maximumDuration = .milliseconds(500)
        let clip = try Self.withFile(Self.wav([[Float]](repeating: [0.1], count: 80_000))) { try AudioDecoder().decode(path: $0, limits: limits) }
        #expect(clip.isTruncated)
        #expect(clip.duration == 0.5)
    }

    @Test func whatIsNoAudioIsAnErrorWithItsOwnCode() throws {
        let cases: [(Data, Set<MediaError.Code>)] = [
            (Data(), [.empty]),
            (Data("It was a dark and stormy night.\n".utf8), [.formatUnknown, .containerBroken, .noSamples]),
            (Data((0 ..< 5_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }), [.formatUnknown, .containerBroken, .noSamples]),
        ]
        for (data, codes) in cases {
            let code = try Self.withFile(data, named: "clip.mp3") { path -> MediaError.Code? in
                do throws(MediaError) {
                    _ = try AudioDecoder().decode(path: path)
                    return nil
                } catch { return error.code }
            }
            #expect(code.map(codes.contains) == true, "\(String(describing: code))")
        }
        #expect(throws: MediaError.self) { try AudioDecoder().decode(path: "/nonexistent/clip.wav") }
    }

    @Test func sampleRatesNoMusicHasAreRefused() throws {
        let data = Self.wav([[Float]](repeating: [0.1], count: 10), rate: 7)
        let code = try Self.withFile(data) { path -> MediaError.Code? in
            do throws(MediaError) {
                _ = try AudioDecoder().decode(path: path)
                return nil
            } catch { return error.code }
        }
        #expect(code == .audioFormatUnsupported)
    }
}

/// A part of a file.
@Suite struct AudioPartTests {
    /// Noise, so that every sample is another; 3 s in stereo.
    private static let frames: [[Float]] = {
        var state: UInt32 = 7
        func next() -> Float {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state) >> 16) / 65_536
        }
        return (0 ..< 24_000).map { _ in [next(), next()] }
    }()

    /// The same in other formats, by the ffmpeg program.
    private static func converted(_ path: String, to name: String, _ arguments: [String]) throws -> String {
        let target = (path as NSString).deletingLastPathComponent + "/" + name
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path] + arguments + [target]
        try process.run()
        process.waitUntilExit()
        return target
    }

    /// What reading from there on fails with; nil where it does not.
    private static func failure(_ path: String, from start: Double) -> MediaError.Code? {
        do throws(MediaError) {
            _ = try AudioDecoder().decode(path: path, from: start)
            return nil
        } catch {
            return error.code
        }
    }

    /// By seeking (WAV, FLAC, Vorbis, Opus through libsndfile) and by decoding what comes before (MP3, AAC through FFmpeg).
    @Test(arguments: [("a.wav", []), ("a.flac", ["-c:a", "flac"]), ("a.ogg", ["-c:a", "libvorbis"]), ("a.opus", ["-c:a", "libopus"]), ("a.mp3", ["-c:a", "libmp3lame"]),
                      ("a.m4a", ["-c:a", "aac"]), ("a.mka", ["-c:a", "libvorbis"])] as [(String, [String])])
    func aPartHasTheSamplesThatTheWholeHasThere(name: String, arguments: [String]) throws {
        try AudioDecoderTests.withFile(AudioDecoderTests.wav(Self.frames), named: "source.wav") { source in
            let path = try Self.converted(source, to: name, arguments.isEmpty ? ["-c:a", "pcm_f32le"] : arguments)
            let whole = try AudioDecoder().decode(path: path)
            var limits = MediaLimits()
            limits.maximumDuration = .milliseconds(500)
            let part = try AudioDecoder().decode(path: path, from: 1.25, limits: limits)
            let first = Int(1.25 * Double(whole.sampleRate)), count = whole.sampleRate / 2
            #expect(part.frameCount == count && part.isTruncated)
            #expect(abs(part.startTime - whole.startTime - 1.25) < 1e-6)
            for channel in whole.channels.indices {
                let difference = zip(part.channels[channel], whole.channels[channel][first ..< first + count]).map { abs($0 - $1) }.max() ?? 1
                #expect(difference < 1e-4, "\(name): \(difference)")
            }
            #expect(Self.failure(path, from: 99) == .startPastEnd)
        }
    }

    @Test func theLastSampleCanBeTheFirst() throws {
        try AudioDecoderTests.withFile(AudioDecoderTests.wav(Self.frames)) { path in
            let last = try AudioDecoder().decode(path: path, from: 23_999.0 / 8_000)
            #expect(last.channels.map { $0 } == [[Self.frames[23_999][0]], [Self.frames[23_999][1]]])
            #expect(!last.isTruncated && last.warnings.isEmpty)
            #expect(Self.failure(path, from: 3) == .startPastEnd)
        }
    }

    @Test func aStartPastWhatAHeaderPromisedIsFoundOut() throws {
        let data = AudioDecoderTests.wav(Self.frames, declaredBytes: 2_000_000_000)
        try AudioDecoderTests.withFile(data) { path in
            #expect(Self.failure(path, from: 1_000) == .startPastEnd)
            let rest = try AudioDecoder().decode(path: path, from: 2)
            #expect(rest.frameCount == 8_000)
        }
    }
}
