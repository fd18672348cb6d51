import Foundation

/// Progress on standard error: bars that are redrawn in place on a terminal, plain lines at intervals otherwise.
struct ProgressDisplay {
    struct Line {
        var label: String
        var done: Int
        var total: Int
        /// What is worth saying beside the bar.
        var note: String
    }

    private let isTerminal: Bool
    private let plainInterval: Duration
    private var drawn = 0
    private var lastPlain: (at: ContinuousClock.Instant, text: String)?

    init(isTerminal: Bool = isatty(STDERR_FILENO) == 1, plainInterval: Duration = .seconds(5)) {
        self.isTerminal = isTerminal
        self.plainInterval = plainInterval
    }

    mutating func show(_ lines: [Line]) {
        if isTerminal {
            // A line that wraps would be two, and the bars would climb up the screen.
            let width = ProgressDisplay.terminalWidth
            let text = lines.map { ProgressDisplay.bar($0).prefix(width - 1) + "\u{1B}[K\n" }.joined()
            write((drawn > 0 ? "\u{1B}[\(drawn)A" : "") + text)
            drawn = lines.count
        } else {
            let text = lines.filter { $0.total > 0 }.map { "\($0.label) \($0.done)/\($0.total)" + ($0.note.isEmpty ? "" : " (\($0.note))") }.joined(separator: ", ")
            let now = ContinuousClock.now
            if let last = lastPlain, now - last.at < plainInterval || last.text == text { return }
            lastPlain = (now, text)
            write(text + "\n")
        }
    }

    /// What is printed next goes below the bars.
    mutating func finish(_ lines: [Line]) {
        if !isTerminal { lastPlain = lastPlain.map { (ContinuousClock.now - plainInterval, $0.text) } }
        show(lines)
        drawn = 0
    }

    /// A line of its own, after which the bars are drawn anew.
    mutating func sayAbove(_ text: String) {
        drawn = 0
        say(text)
    }

    /// A line of its own, above what follows.
    func say(_ text: String) {
        write(text + "\n")
    }

    private static var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
    }

    static func bar(_ line: Line, width: Int = 28) -> String {
        let share = line.total > 0 ? Double(line.done) / Double(line.total) : 0
        let filled = Int(share * Double(width))
        let label = line.label.padding(toLength: 15, withPad: " ", startingAt: 0)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let count = "\(line.done.grouped)/\(line.total.grouped)"
        return "\(label) \(bar) \(count)" + (line.note.isEmpty ? "" : "  \(line.note)")
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
