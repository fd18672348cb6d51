import Foundation

/// `llmock`, a simulator of providers by others that also judges its clients. Its program is named by `MVFLEET_TEST_LLMOCK`.
final class LLMock: Sendable {
    static let program = ProcessInfo.processInfo.environment["MVFLEET_TEST_LLMOCK"]

    /// Up to and with `/v1`.
    let url: String
    private let process: Process

    private init(url: String, process: Process) {
        self.url = url
        self.process = process
    }

    struct DidNotStart: Error {
        let output: String
    }

    /// A server for the length of `body`, which ends with its judgement of the client.
    static func with(_ arguments: [String], _ body: (LLMock) async throws -> Void) async throws -> (status: Int32, report: String) {
        let mock = try await start(arguments)
        do {
            try await body(mock)
            let verdict = try await Program.run(program ?? "", ["report", "--strict", "--url", String(mock.url.dropLast(3))])
            mock.end()
            return (verdict.0, verdict.1)
        } catch {
            mock.end()
            throw error
        }
    }

    /// Not by SIGTERM: what is started from a concurrency thread has that blocked.
    private func end() { kill(process.processIdentifier, SIGKILL) }

    private static func start(_ arguments: [String]) async throws -> LLMock {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program ?? "")
        process.arguments = ["serve", "--host", "127.0.0.1", "--port", "0"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "500", "NO_COLOR": "1"]) { $1 }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var output = "", isTold = false
                // To its end, so that the server never waits for a reader.
                while true {
                    let data = pipe.fileHandleForReading.availableData
                    guard !data.isEmpty else { break }
                    guard !isTold else { continue }
                    output += String(decoding: data, as: UTF8.self)
                    guard let match = output.firstMatch(of: /running on (http:\/\/[0-9.]+:[0-9]+)/) else { continue }
                    isTold = true
                    continuation.resume(returning: LLMock(url: match.1 + "/v1", process: process))
                }
                if !isTold { continuation.resume(throwing: DidNotStart(output: output)) }
                process.waitUntilExit()
            }
        }
    }
}
