import Synchronization

/// What others may know of a connection without entering its actor: health, generation, events. Readable from any thread.
final class ConnectionMonitor: Sendable {
    private struct State {
        var health: ConnectionHealth
        var generation = 0
        var lastTick = ContinuousClock.now
        var listeners: [Int: AsyncStream<ConnectionEvent>.Continuation] = [:]
        var nextListener = 0
        var isFinished = false
    }

    /// Older events are dropped where a listener falls this far behind.
    private static let eventBound = 16

    private let state = Mutex(State(health: ConnectionHealth(state: .connecting, consumersRegistered: 0, consumersWanted: 0, sinceLastTick: .zero, reconnects: 0)))

    // Never inlined: in the frame of an async caller the optimiser (Swift 6.3, Linux) may carry the locking thread's identity over a suspension.

    var health: ConnectionHealth {
        @inline(never) get {
            state.withLock { state in
                var health = state.health
                health.sinceLastTick = .now - state.lastTick
                return health
            }
        }
    }

    var generation: Int {
        @inline(never) get { state.withLock { $0.generation } }
    }

    func ticked(now: ContinuousClock.Instant) { state.withLock { $0.lastTick = now } }

    func update(_ change: (inout ConnectionHealth) -> Void) { state.withLock { change(&$0.health) } }

    func connected(generation: Int, serverVersion: String?) {
        state.withLock { state in
            state.generation = generation
            state.health.state = .connected
            state.health.serverVersion = serverVersion
            state.health.reconnects = generation - 1
            state.health.lastError = nil
        }
        publish(.connected(generation: generation))
    }

    func publish(_ event: ConnectionEvent) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(event) }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.health.state = .closed
            state.isFinished = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners {
            listener.yield(.closed)
            listener.finish()
        }
    }

    func events() -> AsyncStream<ConnectionEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: ConnectionEvent.self, bufferingPolicy: .bufferingNewest(Self.eventBound))
        let key: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            defer { state.nextListener += 1 }
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.listeners[key] = nil } }
        return stream
    }
}
