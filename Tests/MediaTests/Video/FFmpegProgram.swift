import Foundation

/// The `ffmpeg` program as a reference, where it is installed.
enum FFmpegProgram {
    static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/ffmpeg" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    struct Failure: Error { var arguments: [String]; var status: Int32 }

    /// - Returns: what it wrote to standard output.
    @discardableResult
    static func run(_ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "/usr/bin/ffmpeg")
        process.arguments = ["-nostdin", "-v", "error", "-y", "-threads", "1"] + arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments, status: process.terminationStatus) }
        return [UInt8](bytes)
    }

    /// A video's first frame through a filter, or a JPEG, as packed 8-bit samples.
    static func samples(of path: String, format: String, filter: String = "null", frame: Int = 0) throws -> [UInt8] {
        try run(["-i", path, "-vf", "\(filter),select=eq(n\\,\(frame)),format=\(format)", "-frames:v", "1", "-f", "rawvideo", "-"])
    }

    /// Peak signal-to-noise ratio of 8-bit samples, in dB; 0 where their number differs.
    static func peakSignalToNoise(_ a: [UInt8], _ b: [UInt8]) -> Double {
        guard a.count == b.count, !a.isEmpty else { return 0 }
        let sum = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(a.count) / sum)
    }
}
