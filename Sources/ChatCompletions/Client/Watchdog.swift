import NIOCore
import Synchronization

/// Ends an exchange that takes too long, as a whole or between two pieces.
final class Watchdog: Sendable {
    enum Verdict: Sendable { case tooLong, stalled }

    private struct State {
        var end: NIODeadline
        /// Far away until the first piece has come.
        var pieceDue = NIODeadline.distantFuture
        var verdict: Verdict?
        var isOver = false
        var cancel: (@Sendable () -> Void)?
    }

    private let stall: TimeAmount?
    private let state: Mutex<State>

    init(limit: Duration, stall: Duration?) {
        self.stall = stall.map(TimeAmount.init)
        state = Mutex(State(end: .now() + TimeAmount(limit)))
    }

    /// Why it ended the exchange; nil where it did not.
    var verdict: Verdict? { state.withLock { $0.verdict } }

    /// - Parameter cancel: called once, where a limit is reached before ``stop()``.
    func start(cancelling cancel: @escaping @Sendable () -> Void) { state.withLock { $0.cancel = cancel } }

    /// A piece has come: the next one is due within the stall limit.
    func progress() {
        guard let stall else { return }
        state.withLock { $0.pieceDue = .now() + stall }
    }

    /// Until the next piece is asked for, nobody waits for the server.
    func rest() { state.withLock { $0.pieceDue = .distantFuture } }

    func stop() {
        state.withLock { state in
            state.isOver = true
            state.cancel = nil
        }
    }

    func look(_ now: NIODeadline) {
        let cancel: (@Sendable () -> Void)? = state.withLock { state in
            guard !state.isOver, now >= min(state.end, state.pieceDue) else { return nil }
            state.verdict = now >= state.end ? .tooLong : .stalled
            state.isOver = true
            defer { state.cancel = nil }
            return state.cancel
        }
        cancel?()
    }
}

/// Has all watchdogs look at the time, by one timer for all of them: a timer for each request would cost more than the request's JSON.
final class WatchdogRound: Sendable {
    /// How late a limit may be found reached.
    private static let period = TimeAmount.milliseconds(25)

    private struct State {
        var dogs: [ObjectIdentifier: Watchdog] = [:]
        var isGoingRound = false
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(on loop: any EventLoop) { self.loop = loop }

    func add(_ dog: Watchdog) {
        let isFirst = state.withLock { state in
            state.dogs[ObjectIdentifier(dog)] = dog
            defer { state.isGoingRound = true }
            return !state.isGoingRound
        }
        if isFirst { schedule() }
    }

    func remove(_ dog: Watchdog) { state.withLock { _ = $0.dogs.removeValue(forKey: ObjectIdentifier(dog)) } }

    private func schedule() { loop.scheduleTask(in: Self.period) { self.look() } }

    /// Ends with the last watchdog, so that a client at rest wakes nobody.
    private func look() {
        let dogs: [Watchdog]? = state.withLock { state in
            state.isGoingRound = !state.dogs.isEmpty
            return state.isGoingRound ? Array(state.dogs.values) : nil
        }
        guard let dogs else { return }
        let now = NIODeadline.now()
        for dog in dogs { dog.look(now) }
        schedule()
    }
}

extension TimeAmount {
    /// At most some years, which no timer overflows on.
    init(_ duration: Duration) {
        let seconds = min(max(0, duration.components.seconds), 100_000_000)
        self = .nanoseconds(seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
