import Fleet
import Foundation

/// Children that are shell scripts, with a directory of their own in which they leave a folder named by their process number.
struct ScriptedChild: Sendable {
    struct Request: Codable, Sendable { var text: String }

    let directory: String

    /// Makes the directory, and takes it away afterwards. In the script it is `$1`.
    static func with(_ body: (ScriptedChild) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-children-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(ScriptedChild(directory: directory))
    }

    func pool(_ script: String, size: Int = 1, requestsPerChild: Int = 500) -> ChildProcessPool {
        ChildProcessPool(.init(executable: "/bin/sh", arguments: ["-c", "/bin/mkdir \"$1/$$\"; \(script)", "sh", directory], environment: [:], size: size,
                               requestsPerChild: requestsPerChild))
    }

    /// Does `fault` in the first child; every later one gives back what it is sent.
    func poolWhoseFirstChild(_ fault: String) -> ChildProcessPool {
        pool("if /bin/mkdir \"$1/first\" 2>/dev/null; then \(fault); fi; exec /bin/cat")
    }

    /// The process numbers of all children that were started.
    var started: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).compactMap { pid_t($0) }
    }
}

/// Asks until it is so; the test's time limit bounds it.
func waitUntil(_ isSo: () -> Bool) async {
    while !isSo() { await Task.yield() }
}
