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
    var held: Int { @inline(never) get { state.withLock { $0.held } } }

    @inline(never)
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
        if enter(continuation) { return }
        for await _ in stream {}
    }

    /// - Returns: whether it is open already.
    @inline(never)
    private func enter(_ continuation: AsyncStream<Never>.Continuation) -> Bool {
        state.withLock { state in
            state.held += 1
            if !state.isOpen { state.waiting.append(continuation) }
            return state.isOpen
        }
    }

    /// Returns when open, whatever becomes of the task that waits.
    func waitDeaf() async {
        await Task.detached { await self.wait() }.value
    }
}
