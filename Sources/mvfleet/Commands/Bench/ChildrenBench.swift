import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Media

struct ChildrenBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "children", abstract: "What it costs a clip that its media are decoded in a child process.",
        discussion: """
            A child is started as for any clip, then asked --clips times, one after the other, for an answer as large as a clip's: --frames pictures of --bytes each and a report. It decodes
            nothing, so what is measured is the way there and back. A child serves 500 clips and is replaced: that is part of it. Processor time is that of both processes.

            Example: mvfleet bench children --json
            """)

    @Option(help: "Questions to the child.") var clips = 2000
    @Option(help: "Pictures in an answer.") var frames = 15
    @Option(help: "Bytes of a picture.") var bytes = 30_000
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if !(10...100_000).contains(clips) { throw ValidationError("--clips is \(clips): give 10 to 100,000") }
        if !(0...120).contains(frames) { throw ValidationError("--frames is \(frames): give 0 to 120") }
        if !(0...1_000_000).contains(bytes) { throw ValidationError("--bytes is \(bytes): give 0 to 1,000,000") }
    }

    /// What the child is asked: an answer of this size.
    struct Request: Codable, Sendable {
        static let handler = "rehearsal"

        var frames: Int
        var bytes: Int

        static let answering = ChildHandler(handler) { (request: Request) in
            ChildMessage(json: #"{"report":"\#(String(repeating: "x", count: 8000))"}"#, attachments: Array(repeating: [UInt8](repeating: 1, count: request.bytes), count: request.frames))
        }
    }

    private struct Result: Encodable {
        var clips: Int
        /// Start of the program, its libraries and its confinement, up to its first answer.
        var start_ms: Double
        var start_cpu_ms: Double
        /// Question and answer, with their share of a start.
        var clip_ms: Double
        var clip_cpu_ms: Double
    }

    func run() async throws {
        let configuration = ChildProcessPool.Configuration.media(size: 1, hardware: .off)
        let children = ChildProcessPool(configuration)
        let request = Request(frames: frames, bytes: bytes)
        func ask() async throws { _ = try await children.ask(Request.handler, request, about: "a clip", within: .seconds(60)) }
        var start = Duration.zero
        let own = ProcessInfo.processInfo.processIdentifier
        // Children that were waited for count as this process's own.
        let used = ProcessUsage.ofTree(own)
        let starts = 10
        for _ in 0..<starts {
            start += try await ContinuousClock().measure { try await ask() }
            await children.endIdleChildren()
        }
        let started = ProcessUsage.ofTree(own) - used
        try await ask()
        let before = ProcessUsage.ofTree(own)
        // With the starts of the children that replace those that have served their time.
        let questions = try await ContinuousClock().measure { for _ in 0..<clips { try await ask() } }
        let asked = ProcessUsage.ofTree(own) - before
        await children.endIdleChildren()
        func milliseconds(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1000 }
        let result = Result(clips: clips, start_ms: milliseconds(start / .seconds(1) / Double(starts)), start_cpu_ms: milliseconds(started.cpuSeconds / Double(starts)),
                            clip_ms: milliseconds(questions / .seconds(1) / Double(clips)), clip_cpu_ms: milliseconds(asked.cpuSeconds / Double(clips)))
        if json { return try Self.printJSON(result) }
        var table = TextTable([("", .left), ("WALL ms", .right), ("CPU ms", .right)])
        table.add(["start of a child", "\(result.start_ms)", "\(result.start_cpu_ms)"])
        table.add(["a clip: question, answer, its share of a start", "\(result.clip_ms)", "\(result.clip_cpu_ms)"])
        print("\(frames) pictures of \(bytes.grouped) bytes an answer, \(clips.grouped) answers, a child for \(configuration.requestsPerChild) clips:")
        print(table.rendered())
    }
}
