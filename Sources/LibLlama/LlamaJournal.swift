import Synchronization

/// What llama.cpp's library says: its warnings and errors go to a log, and the last errors are kept for who asks why something failed.
final class LlamaJournal: Sendable {
    private struct State {
        var line = ""
        var level: Int32 = 0
        var errors: [String] = []
        var attention = Attention()
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
            state.attention.read(text)
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

    /// What the library said last of its attention; then forgotten.
    func takeAttention() -> Attention {
        state.withLock { state in
            defer { state.attention = Attention() }
            return state.attention
        }
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

/// What llama.cpp says of how a context attends when it is made.
struct Attention: Hashable, Sendable {
    /// `f16`, `f32`.
    var cacheType: String?
    /// `auto`, `enabled`, `disabled`, or `0` and `1` in older versions.
    var flash: String?

    /// In single precision throughout.
    var isExact: Bool { cacheType == "f32" && (flash == "disabled" || flash == "0") }

    /// `… K (f16):  96.00 MiB, V (f16): 96.00 MiB`; `… flash_attn    = auto`.
    mutating func read(_ line: String) {
        if line.contains("MiB"), let start = line.firstRange(of: "K (")?.upperBound, let end = line[start...].firstIndex(of: ")") { cacheType = String(line[start ..< end].prefix(16)) }
        if let start = line.firstRange(of: "flash_attn ")?.upperBound, let equals = line[start...].firstIndex(of: "=") {
            flash = line[equals...].dropFirst().split(whereSeparator: \.isWhitespace).first.map { String($0.prefix(16)) }
        }
    }
}
