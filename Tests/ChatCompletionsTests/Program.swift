import Foundation

/// A program of somebody else's.
enum Program {
    /// Runs it to its end.
    ///
    /// - Returns: its exit status, and what it printed on both streams.
    static func run(_ path: String, _ arguments: [String]) async throws -> (Int32, String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        return try await withCheckedThrowingContinuation { continuation in
            do { try process.run() } catch { return continuation.resume(throwing: error) }
            // A thread of its own: reading to the end blocks.
            Thread.detachNewThread {
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, output))
            }
        }
    }
}
