import Foundation
import FoundationXML
import Testing

/// `mvfleet analyze` as it is called.
@Suite(.enabled(if: Given.binary != nil, "MVFLEET_TEST_BINARY names the program"), .timeLimit(.minutes(1)))
struct AnalyzeCommandTests {
    private struct Ending {
        var status: Int32
        var output: String
        var errors: String
    }

    private func analyze(_ arguments: [String]) throws -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Given.binary))
        process.arguments = ["analyze"] + arguments
        let output = Pipe(), errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Ending(status: process.terminationStatus, output: text, errors: complaint)
    }

    /// A folder with two recordings of a plucked note, the second louder from its third second on.
    private func withRecordings(_ body: (_ folder: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-analyze-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, louder) in [("a & b.wav", 1.0), ("c.wav", 8.0)] {
            let samples = (0 ..< 40_000).map { index -> Int16 in
                let time = Double(index) / 8_000
                let pluck = exp(-4 * (time * 2).truncatingRemainder(dividingBy: 1)) * sin(2 * Double.pi * 440 * time)
                return Int16(3_000 * pluck * (time < 2 ? 1 : louder))
            }
            try Self.wav(samples, rate: 8_000).write(to: folder.appendingPathComponent(name))
        }
        try body(folder.path)
    }

    private static func wav(_ samples: [Int16], rate: UInt32) -> Data {
        var data = Data()
        func append<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
        data.append(contentsOf: Array("RIFF".utf8))
        append(UInt32(36 + 2 * samples.count))
        data.append(contentsOf: Array("WAVEfmt ".utf8))
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(rate)
        append(rate * 2)
        append(UInt16(2))
        append(UInt16(16))
        data.append(contentsOf: Array("data".utf8))
        append(UInt32(2 * samples.count))
        samples.forEach { append($0) }
        return data
    }

    private func report(_ line: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `one file is drawn to the file that is named, several to a folder`() throws {
        try withRecordings { folder in
            let one = try analyze([folder + "/a & b.wav", "--plot", folder + "/one.svg"])
            #expect(one.status == 0, "\(one.errors)")
            let picture = try Data(contentsOf: URL(fileURLWithPath: folder + "/one.svg"))
            #expect(XMLParser(data: picture).parse())
            #expect(try report(one.output)["clip"] as? String == "a & b.wav")
            let several = try analyze([folder, "--plot", folder + "/new/pictures"])
            #expect(several.status == 0, "\(several.errors)")
            #expect(several.output.split(separator: "\n").count == 2)
            let pictures = try FileManager.default.contentsOfDirectory(atPath: folder + "/new/pictures").sorted()
            #expect(pictures == ["a & b.wav.svg", "c.wav.svg"])
        }
    }

    @Test func `wrong use of --plot is told before any work, and nothing is overwritten`() throws {
        try withRecordings { folder in
            let first = folder + "/a & b.wav"
            for (arguments, complaint) in [
                ([folder, "--plot", folder + "/all.svg"], "there are 2 files: give a folder"),
                ([first, "--plot", first], "is a file that exists and is no .svg"),
                ([first, "--plot", folder + "/none/here.svg"], "check that its folder is there"),
                ([first, "--plot", ""], "--plot is empty"),
                ([first, folder, "--plot", folder + "/twice"], "would both be drawn to a & b.wav.svg"),
            ] {
                let ending = try analyze(arguments)
                #expect(ending.status != 0 && ending.output.isEmpty, "\(arguments)")
                #expect(ending.errors.contains(complaint), "\(ending.errors)")
            }
            let untouched = try Data(contentsOf: URL(fileURLWithPath: first))
            #expect(untouched.starts(with: Array("RIFF".utf8)))
        }
    }

    @Test func `a part of a file is analysed where --start and --duration say`() throws {
        try withRecordings { folder in
            func loudness(_ more: [String]) throws -> Double {
                let ending = try analyze([folder + "/c.wav"] + more)
                #expect(ending.status == 0, "\(ending.errors)")
                let levels = try #require(try report(ending.output)["loudness"] as? [String: Any])
                return try #require(levels["integrated_lufs"] as? Double)
            }
            let (quiet, loud) = (try loudness(["--duration", "2"]), try loudness(["--start", "2", "--duration", "2.5"]))
            #expect(abs(loud - quiet - 18.06) < 0.7, "\(quiet) and \(loud)")
            let part = try report(try analyze([folder + "/c.wav", "--start", "2", "--duration", "2.5"]).output)
            #expect(part["start_time"] as? Double == 2 && part["duration"] as? Double == 2.5 && part["truncated"] as? Bool == true)
        }
    }

    @Test func `eGeMAPS' descriptors are there where they are asked for`() throws {
        try withRecordings { folder in
            #expect(try report(try analyze([folder + "/c.wav"]).output)["egemaps"] == nil)
            let descriptors = try #require(try report(try analyze([folder + "/c.wav", "--egemaps"]).output)["egemaps"] as? [String: Double])
            #expect(descriptors.count == 88 && descriptors["loudness_sma3_amean"] ?? 0 > 0)
        }
    }

    @Test func `nonsense times are refused, and a start behind the end is that file's error`() throws {
        try withRecordings { folder in
            let file = folder + "/c.wav"
            for (arguments, complaint) in [
                (["--start=-1"], "--start is -1.0: give seconds"), (["--start=nan"], "--start is nan"), (["--start=inf"], "--start is inf"),
                (["--duration=0"], "--duration is 0.0: give 1 to 21600"), (["--duration=-3"], "--duration is -3.0"), (["--duration=nan"], "--duration is nan"),
                (["--duration=ten"], "'ten'"),
            ] {
                let ending = try analyze([file] + arguments)
                #expect(ending.status != 0 && ending.output.isEmpty && ending.errors.contains(complaint), "\(arguments): \(ending.errors)")
            }
            let late = try analyze([file, "--start", "60"])
            #expect(late.status == 1)
            #expect(try report(late.output)["code"] as? String == "audio.start_past_end")
            #expect(late.errors.contains("it ends after 5.0 s"), "\(late.errors)")
        }
    }
}
