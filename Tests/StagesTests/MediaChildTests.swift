import Fleet
import FleetModel
import Foundation
import Stages
import Testing

/// The program itself as a child process.
@Suite(.enabled(if: Given.binary != nil, "MVFLEET_TEST_BINARY names the program"), .timeLimit(.minutes(1)))
struct MediaChildTests {
    /// A pool of one child, whose process can be told from all others by its last argument.
    private func pool(_ mark: String = "any") throws -> ChildProcessPool {
        ChildProcessPool(.init(executable: try #require(Given.binary), arguments: ["media-child", mark], environment: [:], size: 1))
    }

    private func error(_ body: () async throws -> Void) async -> FleetError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? FleetError
        }
    }

    @Test func `a missing file is the child's own error, with its own code`() async throws {
        let media = MediaRequests(children: try pool())
        for _ in 0..<2 {
            let heard = await error { _ = try await media.analyze("/no/such/clip.mp3", clip: "x") }
            #expect(heard?.code == "media.missing" && heard?.message.contains("/no/such/clip.mp3") == true, "\(String(describing: heard))")
            let seen = await error { _ = try await media.sample("/no/such/clip.mp4", clip: "x") }
            #expect(seen?.code == "media.missing", "\(String(describing: seen))")
        }
    }

    @Test func `a question that no handler knows is answered with an error`() async throws {
        let pool = try pool()
        let answer = await error { _ = try await pool.ask("no-such-handler", [1], about: "x", within: .seconds(30)) }
        #expect(answer?.code == .internal)
    }

    @Test func `a child has no environment, no network, no new programs, and a bound on its memory`() async throws {
        let mark = UUID().uuidString
        let pool = try pool(mark)
        _ = await error { _ = try await MediaRequests(children: pool).analyze("/no/such/clip.mp3", clip: "x") }
        let child = try #require(Self.process(marked: mark))
        func proc(_ name: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/\(child)/\(name)")), as: UTF8.self) }
        #expect(try proc("environ") == "")
        let status = try proc("status").split(separator: "\n")
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("Seccomp:\t2"))
        let limits = try proc("limits").split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(limits.contains { $0.starts(with: ["Max", "address", "space", "\(3 << 30)"]) })
        #expect(limits.contains { $0.starts(with: ["Max", "open", "files", "64"]) })
        #expect(limits.contains { $0.starts(with: ["Max", "file", "size", "0"]) })
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(child)/fd").compactMap { Int($0) }
        #expect(open.filter { $0 > 2 }.count <= 2, "\(open)")
        // The pool, and the child with it, lives to here.
        _ = await error { _ = try await MediaRequests(children: pool).analyze("/no/such/clip.mp3", clip: "x") }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Given.giantPicture), "the shared data are not here"))
    func `a picture of 30,000 pixels a side is refused within the bounds, and the child goes on`() async throws {
        let media = MediaRequests(children: try pool())
        let refused = await error { _ = try await media.sample(Given.giantPicture, clip: "x") }
        #expect(refused?.code.rawValue.hasPrefix("video.") == true || refused?.code.rawValue.hasPrefix("media.") == true, "\(String(describing: refused))")
        let missing = await error { _ = try await media.sample("/no/such/clip.mp4", clip: "x") }
        #expect(missing?.code == "media.missing")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Given.clips), "the shared data are not here"))
    func `a real clip is sampled by a confined child`() async throws {
        let clip = try #require(try FileManager.default.contentsOfDirectory(atPath: Given.clips).filter { $0.hasSuffix(".mp4") }.sorted().first)
        let sample = try await MediaRequests(children: try pool()).sample(Given.clips + "/" + clip, clip: clip)
        #expect(!sample.jpegs.isEmpty)
        #expect(sample.jpegs.allSatisfy { $0.starts(with: [0xFF, 0xD8]) })
        #expect(sample.json.contains("\"clip\":\"\(clip)\""))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Given.clips), "the shared data are not here"))
    func `frames alone have the times and bytes that they have in the full report`() async throws {
        let clip = try #require(try FileManager.default.contentsOfDirectory(atPath: Given.clips).filter { $0.hasSuffix(".mp4") }.sorted().first)
        let media = MediaRequests(children: try pool())
        var extras = FramesExtras()
        extras.includesContactSheet = true
        let full = try await media.sample(Given.clips + "/" + clip, clip: clip, extras: extras)
        extras.isFramesOnly = true
        let alone = try await media.sample(Given.clips + "/" + clip, clip: clip, extras: extras)
        #expect(alone.jpegs == full.jpegs && alone.contactSheet == full.contactSheet && full.contactSheet != nil)
        struct Times: Decodable { var frame_times: [Double] }
        func times(_ json: String) throws -> [Double] { try JSONDecoder().decode(Times.self, from: Data(json.utf8)).frame_times }
        #expect(try times(alone.json) == times(full.json) && full.jpegs.count == (try times(full.json)).count)
        #expect(!alone.json.contains("\"static\""))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Given.clips), "the shared data are not here"))
    func `frames that move into shots or onto downbeats are those on screen there`() async throws {
        struct Report: Decodable {
            struct Frame: Decodable { var target_s: Double, time_s: Double }
            var frames: [Frame]
            var cuts: [Double]?
        }
        let media = MediaRequests(children: try pool())
        // A montage: its name is not looked at, only its cuts.
        var moved = 0
        for clip in try FileManager.default.contentsOfDirectory(atPath: Given.clips).filter({ $0.hasSuffix(".mp4") }).sorted().prefix(4) {
            var settings = FramesSettings()
            settings.align = .shots
            let full = try await media.sample(Given.clips + "/" + clip, clip: clip, settings: settings)
            let report = try JSONDecoder().decode(Report.self, from: Data(full.json.utf8))
            #expect(report.frames.count == full.jpegs.count)
            #expect(report.frames.allSatisfy { $0.time_s <= $0.target_s + 0.001 && $0.time_s > $0.target_s - 0.2 }, "\(clip)")
            moved += report.frames.count { $0.target_s.truncatingRemainder(dividingBy: 2) != 0 }
            var extras = FramesExtras()
            extras.isFramesOnly = true
            let alone = try await media.sample(Given.clips + "/" + clip, clip: clip, settings: settings, extras: extras)
            #expect(alone.jpegs == full.jpegs, "\(clip)")
            settings.align = .downbeats
            let musical = try await media.sample(Given.clips + "/" + clip, clip: clip, settings: settings, extras: extras)
            let times = try JSONDecoder().decode(Report.self, from: Data(musical.json.utf8)).frames.map(\.target_s)
            #expect(times == times.sorted() && zip(times, 0...).allSatisfy { abs($0 - 2 * Double($1)) <= 1 })
        }
        #expect(moved > 0)
    }

    @Test func `a child ends when its worker's end of the line is closed`() async throws {
        let process = Process(), input = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Given.binary))
        process.arguments = ["media-child"]
        process.environment = [:]
        process.standardInput = input
        process.standardOutput = Pipe()
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        try input.fileHandleForWriting.close()
        #expect(await ends.first { _ in true } == 0)
    }

    static func process(marked mark: String) -> pid_t? {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.lazy.compactMap { pid_t($0) }.first { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            return String(decoding: line, as: UTF8.self).hasSuffix(mark + "\0")
        }
    }
}
