import Fleet
import FleetModel
import Foundation
import Media
import Stages
import Testing

/// The program as a child process that may use what hardware the machine has.
@Suite(.enabled(if: Given.binary != nil, "MVFLEET_TEST_BINARY names the program"), .timeLimit(.minutes(2)))
struct HardwareChildTests {
    private func pool(_ arguments: String...) throws -> ChildProcessPool {
        ChildProcessPool(.init(executable: try #require(Given.binary), arguments: ["media-child"] + arguments, environment: [:], size: 1))
    }

    private struct Answer: Equatable {
        var code: String?
        var json: String?
        var jpegs: [[UInt8]] = []
    }

    private func sample(_ path: String, _ pool: ChildProcessPool) async -> Answer {
        var extras = FramesExtras()
        extras.includesFrameMD5 = true
        do {
            let sample = try await MediaRequests(children: pool).sample(path, clip: "x", extras: extras)
            return Answer(json: sample.json, jpegs: sample.jpegs)
        } catch {
            return Answer(code: (error as? FleetError)?.code.rawValue ?? "\(error)")
        }
    }

    @Test func `its data are bounded in place of its address space, and all else is as in every child`() async throws {
        let mark = UUID().uuidString
        let pool = try pool("--hardware-decoding=auto", mark)
        #expect(await sample("/no/such/clip.mp4", pool).code == "media.missing")
        let child = try #require(MediaChildTests.process(marked: mark))
        func proc(_ name: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/\(child)/\(name)")), as: UTF8.self) }
        let limits = try proc("limits").split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(limits.contains { $0.starts(with: ["Max", "data", "size", "\(3 << 30)", "\(3 << 30)"]) })
        #expect(limits.contains { $0.starts(with: ["Max", "open", "files", "1024"]) })
        #expect(limits.contains { $0.starts(with: ["Max", "file", "size", "0", "0"]) })
        let status = try proc("status").split(separator: "\n")
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        // The pool, and the child with it, lives to here.
        #expect(await sample("/no/such/clip.mp4", pool).code == "media.missing")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Given.clips), "the shared data are not here"))
    func `hostile and real videos come out as they do of software alone`() async throws {
        let bad = Given.sharedData + "/video/bad"
        let real = try FileManager.default.contentsOfDirectory(atPath: Given.clips).sorted().prefix(3).map { "\(Given.clips)/\($0)" }
        let hostile = try FileManager.default.contentsOfDirectory(atPath: bad).sorted().map { "\(bad)/\($0)" }
        let software = try pool(), hardware = try pool("--hardware-decoding=auto")
        for path in real + hostile {
            let expected = await sample(path, software), found = await sample(path, hardware)
            #expect(found == expected, "\(path): \(found.code ?? "sampled"), by software \(expected.code ?? "sampled")")
        }
    }

    @Test func `each hardware decoder works, or it is said why not`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-\(UUID().uuidString).mp4")
        try HardwareProbeVideo.bytes.write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let findings = try await MediaRequests(children: try pool("--hardware-decoding=auto")).hardware(path.path)
        #expect(findings.map(\.decoder.rawValue) == ["cuda", "vaapi"])
        #expect(findings.allSatisfy { $0.problem != "" })
        // The probe itself is a good video.
        #expect(await sample(path.path, try pool()).jpegs.count == 1)
    }

    @Test(arguments: [["sample", "--hardware-decoding", "gpu", "clip.mp4"], ["worker", "frames", "--hardware-decoding", "gpu"], ["run", "clips", "-o", "set", "--hardware-decoding", "gpu"]])
    func `a word that names no hardware is refused with those that do`(arguments: [String]) async throws {
        let (status, text) = try await run(arguments, environment: [:])
        #expect(status == 2 && text.contains("gpu") && text.contains("cuda") && text.contains("vaapi") && text.contains("off"), "\(text)")
    }

    @Test func `a variable that names no hardware is refused, and the flag is over it`() async throws {
        let environment = ["MVFLEET_HARDWARE_DECODING": "gpu"]
        let refused = try await run(["sample", "/no/such/clip.mp4"], environment: environment)
        #expect(refused.status == 1 && refused.text.contains("MVFLEET_HARDWARE_DECODING") && refused.text.contains("off, auto, cuda, vaapi"), "\(refused.text)")
        let heeded = try await run(["sample", "--hardware-decoding", "auto", "/no/such/clip.mp4"], environment: environment)
        #expect(heeded.text.contains("media.missing"), "\(heeded.text)")
    }

    /// - Returns: the exit status, and what went to standard error.
    private func run(_ arguments: [String], environment: [String: String]) async throws -> (status: Int32, text: String) {
        let process = Process(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Given.binary))
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        // Far less than a pipe holds.
        let status = await ends.first { _ in true }
        return (status ?? -1, String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self))
    }
}
