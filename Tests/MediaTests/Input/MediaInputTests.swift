import CLibAV
import Foundation
import Media
import Testing

@Suite struct MediaInputTests {
    /// Opens a file with these bytes as a video; the error's code.
    private func code(_ bytes: [UInt8], fileExtension: String) throws -> MediaError.Code? {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-\(UUID().uuidString).\(fileExtension)")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(bytes).write(to: url)
        do {
            _ = try VideoSampler().sample(url.path)
            return nil
        } catch {
            #expect(error.message.contains(url.path))
            return error.code
        }
    }

    /// FFmpeg's words are kept for the thread, from one file to the next.
    @Test func theCauseOfAnErrorSpeaksOfNoOtherFile() throws {
        func error(_ bytes: [UInt8], fileExtension: String) throws -> MediaError? {
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-\(UUID().uuidString).\(fileExtension)")
            defer { try? FileManager.default.removeItem(at: url) }
            try Data(bytes).write(to: url)
            return #expect(throws: MediaError.self) { try VideoSampler().sample(url.path) }
        }
        let noIndex = [0, 0, 0, 24] + Array("ftypisom".utf8) + [0, 0, 2, 0] + Array("isommp41".utf8)
        #expect(try error(noIndex, fileExtension: "mp4")?.cause?.contains("moov") == true)
        // A second of silence: 8000 samples of 8 bits.
        let sound = Array("RIFF".utf8) + [0x64, 0x1F, 0, 0] + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0]
            + Array("data".utf8) + [0x40, 0x1F, 0, 0] + [UInt8](repeating: 128, count: 8000)
        let noPicture = try error(sound, fileExtension: "wav")
        #expect(noPicture?.code == .noVideoStream && noPicture?.cause == nil, "\(noPicture?.cause ?? "")")
    }

    @Test func anEmptyFileSaysSo() throws {
        #expect(try code([], fileExtension: "mp4") == .empty)
    }

    @Test func textIsNoMedia() throws {
        #expect(try code(Array("just a few words, no video at all\n".utf8), fileExtension: "dat") == .formatUnknown)
    }

    @Test func aMissingFileAndADirectorySaySo() {
        let missing = #expect(throws: MediaError.self) { try VideoSampler().sample("/nowhere/clip.mp4") }
        #expect(missing?.code == .missing)
        let directory = #expect(throws: MediaError.self) { try VideoSampler().sample("/tmp") }
        #expect(directory?.code == .unreadable)
    }

    @Test(arguments: ["#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile /etc/passwd\n"])
    func listsOfOtherFilesAreRefused(list: String) throws {
        for fileExtension in ["m3u8", "ffconcat", "mp4"] {
            let code = try code(Array(list.utf8), fileExtension: fileExtension)
            #expect(code == .formatUnknown || code == .containerBroken)
        }
    }

    @Test func urlsAreTakenAsFileNames() {
        for name in ["http://127.0.0.1:1/x.mp4", "concat:/etc/passwd", "subfile,,start,0,end,0,,:/etc/passwd"] {
            let error = #expect(throws: MediaError.self) { try VideoSampler().sample(name) }
            #expect(error?.code == .missing)
        }
    }

    @Test func soundAloneHasNoVideoStream() throws {
        // A WAVE file of 100 silent samples.
        func little(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(value >> ($0 * 8) & 255) } }
        let wave = Array("RIFF".utf8) + little(236, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2) + little(1, 2) + little(8000, 4) + little(16_000, 4)
            + little(2, 2) + little(16, 2) + Array("data".utf8) + little(200, 4) + [UInt8](repeating: 0, count: 200)
        #expect(try code(wave, fileExtension: "wav") == .noVideoStream)
    }

    @Test func filesOverTheSizeLimitAreRefusedUnread() throws {
        try TestVideo().withFile { path in
            var limits = MediaLimits()
            limits.maximumFileBytes = 10
            let error = #expect(throws: MediaError.self) { try VideoSampler(limits: limits).sample(path) }
            #expect(error?.code == .fileTooLarge)
        }
    }

    @Test func aFileCutShortGivesWhatItHolds() throws {
        try TestVideo().withFile { path in
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
            let result = try VideoSampler().sample(path)
            #expect(result.decodedFrames > 10 && result.decodedFrames < 100)
        }
    }

    /// Damage at places spread over the whole file, header included: an error or a result, never a crash or a hang.
    @Test(arguments: ["mkv", "mp4", "avi", "ts"])
    func damagedBytesNeverCrash(fileExtension: String) throws {
        var video = TestVideo()
        video.fileExtension = fileExtension
        video.codec = fileExtension == "ts" ? AV_CODEC_ID_MPEG2VIDEO : video.codec
        video.milliseconds = (0..<25).map { $0 * 40 }
        try video.withFile { path in
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            var state: UInt32 = 12345
            func next(_ bound: Int) -> Int {
                state = state &* 1_664_525 &+ 1_013_904_223
                return Int(state >> 8) % bound
            }
            for _ in 0..<40 {
                var bytes = whole
                for _ in 0..<(1 + next(12)) { bytes[next(bytes.count)] = UInt8(next(256)) }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                if let result = try? VideoSampler().sample(path) { #expect(result.decodedFrames > 0) }
            }
        }
    }
}
