import Synchronization

/// Holds work until the test lets it go on.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var held = 0
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    private let state = Mutex(State())

    /// How many came to wait.
    var held: Int { state.withLock { $0.held } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.finish() }
    }

    /// Returns when open, or on cancellation.
    func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let isOpen = state.withLock { state in
            state.held += 1
            if !state.isOpen { state.waiting.append(continuation) }
            return state.isOpen
        }
        if isOpen { return }
        for await _ in stream {}
    }

    /// Returns when open, whatever becomes of the task that waits.
    func waitDeaf() async {
        await Task.detached { await self.wait() }.value
    }
}
