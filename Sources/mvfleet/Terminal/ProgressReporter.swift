import Synchronization

/// Shows the progress of work that reports from other tasks, a few times a second.
final class ProgressReporter: Sendable {
    private struct State {
        var display = ProgressDisplay()
        var lines: [ProgressDisplay.Line] = []
        var shownAt: ContinuousClock.Instant?
    }

    private static let interval: Duration = .milliseconds(200)
    private let state = Mutex(State())

    // Not inlined: a lock must not be taken in an async function's own frame.

    /// One line for each label.
    @inline(never)
    func show(_ line: ProgressDisplay.Line) {
        state.withLock { state in
            if let index = state.lines.firstIndex(where: { $0.label == line.label }) { state.lines[index] = line } else { state.lines.append(line) }
            if let shownAt = state.shownAt, ContinuousClock.now - shownAt < ProgressReporter.interval { return }
            state.shownAt = .now
            state.display.show(state.lines)
        }
    }

    @inline(never)
    func finish() {
        state.withLock { state in
            if !state.lines.isEmpty { state.display.finish(state.lines) }
            state.lines = []
        }
    }
}

extension Int {
    /// Bytes as people read them: `512 B`, `1.5 MiB`.
    var bytes: String {
        if self < 1_024 { return "\(self) B" }
        var value = Double(self), unit = 0
        while value >= 1_024, unit < 4 {
            value /= 1_024
            unit += 1
        }
        return "\((value * 10).rounded() / 10) \(["B", "KiB", "MiB", "GiB", "TiB"][unit])"
    }
}
