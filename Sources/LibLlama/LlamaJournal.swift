import Synchronization

/// What llama.cpp's library says: its warnings and errors go to a log, and the last errors are kept for who asks why something failed.
final class LlamaJournal: Sendable {
    private struct State {
        var line = ""
        var level: Int32 = 0
        var errors: [String] = []
    }

    // `enum ggml_log_level`.
    private static let warning: Int32 = 3
    private static let error: Int32 = 4
    /// Goes on with the line before.
    private static let continued: Int32 = 5
    private static let longestLine = 1000
    private static let keptErrors = 3

    private let state = Mutex(State())
    private let log: @Sendable (String) -> Void

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    /// Text comes in pieces, each line ended by a line feed.
    func receive(level: Int32, _ text: String) {
        let whole = state.withLock { state -> [String] in
            if level != Self.continued { state.level = level }
            guard state.level == Self.warning || state.level == Self.error else { return [] }
            state.line += text.prefix(Self.longestLine)
            var lines = state.line.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            state.line = String((lines.popLast() ?? "").prefix(Self.longestLine))
            lines = lines.filter { !$0.isEmpty }
            if state.level == Self.error { state.errors = (state.errors + lines).suffix(Self.keptErrors) }
            return lines
        }
        for line in whole { log(line) }
    }

    /// The last errors in one line, which are then forgotten; nil where there were none.
    func takeErrors() -> String? {
        let errors = state.withLock { state in
            defer { state.errors = [] }
            return state.errors
        }
        return errors.isEmpty ? nil : errors.joined(separator: "; ")
    }
}
