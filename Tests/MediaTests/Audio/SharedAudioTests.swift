import Foundation
import Media
import Testing

/// The odd files of the shared development set, where it is there.
@Suite(.enabled(if: SharedAudio.isPresent, "the shared data are not beside the package; set MVFLEET_SHARED_DATA"))
struct SharedAudioTests {
    @Test(arguments: [
        ("opus_48k.opus", 48_000, 1), ("aac.m4a", 44_100, 1), ("mono_8k_mulaw.wav", 8_000, 1), ("hires_96k_24bit_6s.flac", 96_000, 1),
        ("six_channels_10s.ogg", 44_100, 6), ("mp3_named.wav", 44_100, 1),
    ])
    func readsEveryFormat(name: String, rate: Int, leastChannels: Int) throws {
        let clip = try AudioDecoder().decode(path: SharedAudio.edge(name))
        #expect(clip.sampleRate == rate)
        #expect(clip.channels.count >= leastChannels)
        #expect(clip.duration > 4)
        #expect(clip.channels.allSatisfy { $0.count == clip.frameCount })
    }

    @Test func aCutFileGivesWhatIsThere() throws {
        let cut = try AudioDecoder().decode(path: SharedAudio.edge("truncated.mp3"))
        #expect(abs(cut.duration - 13.5) < 0.2)
        let damaged = try AudioDecoder().decode(path: SharedAudio.edge("garbage_middle.mp3"))
        #expect(damaged.duration > 16)
        #expect(!damaged.warnings.isEmpty)
    }

    @Test func mp3AndVorbisOfOneLengthStayInStep() throws {
        let mp3 = try AudioDecoder().decode(path: SharedAudio.clip("dev_001.mp3"))
        #expect(abs(mp3.duration - 30) < 0.06)
        #expect(mp3.startTime == 0)
    }

    @Test(arguments: ["not_audio.mp3", "text.mp3", "empty.mp3"])
    func whatIsNoAudioIsRefused(name: String) {
        #expect(throws: MediaError.self) { try AudioDecoder().decode(path: SharedAudio.edge(name)) }
    }
}

enum SharedAudio {
    private static let root: String = ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../../shared/data").standardizedFileURL.path
    static var isPresent: Bool { FileManager.default.fileExists(atPath: root + "/audio/edge") }
    static func edge(_ name: String) -> String { root + "/audio/edge/" + name }
    static func clip(_ name: String) -> String { root + "/audio/clips/" + name }
}
