import Synchronization

/// How many are inside at once.
final class Tally: Sendable {
    private let state = Mutex((running: 0, most: 0, entries: 0))

    var running: Int { @inline(never) get { state.withLock { $0.running } } }
    var most: Int { @inline(never) get { state.withLock { $0.most } } }
    var entries: Int { @inline(never) get { state.withLock { $0.entries } } }

    @inline(never)
    func enter() {
        state.withLock { state in
            state.running += 1
            state.entries += 1
            state.most = max(state.most, state.running)
        }
    }

    @inline(never)
    func leave() { state.withLock { $0.running -= 1 } }
}
