import Foundation
import Glibc

/// One line for each item that a stage has run to its end, written at once: a process that is killed afterwards has said so.
package struct ExecutionLog: Sendable {
    @TaskLocal package static var current = ExecutionLog(path: "")

    /// Empty: nothing is written.
    package var path: String

    package init(path: String) { self.path = path }

    package func write(_ role: FaultRole, _ clips: [String]) {
        guard !path.isEmpty else { return }
        let text = clips.map { "\(role.rawValue) \($0)\n" }.joined()
        // One write to a file opened for appending: lines of several processes do not mix.
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(text.utf8)
        _ = Glibc.write(file, bytes, bytes.count)
    }

    /// How often each item was run, by `role clip`.
    package func runs() -> [String: Int] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }
}
