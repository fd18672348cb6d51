import NIOCore
import Synchronization

/// Ends an exchange that takes too long, as a whole or between two pieces.
final class Watchdog: Sendable {
    enum Verdict: Sendable { case tooLong, stalled }

    private struct State {
        var end: NIODeadline
        /// nil until the first piece has come, and where pieces are not watched.
        var pieceDue: NIODeadline?
        var verdict: Verdict?
        var isOver = false
        var timer: Scheduled<Void>?
        var timerDue = NIODeadline.distantFuture
        var cancel: (@Sendable () -> Void)?
    }

    private let loop: any EventLoop
    private let stall: TimeAmount?
    private let state: Mutex<State>

    init(on loop: any EventLoop, limit: Duration, stall: Duration?) {
        self.loop = loop
        self.stall = stall.map(TimeAmount.init)
        state = Mutex(State(end: .now() + TimeAmount(limit)))
    }

    /// Why it ended the exchange; nil where it did not.
    var verdict: Verdict? { state.withLock { $0.verdict } }

    func start(cancelling cancel: @escaping @Sendable () -> Void) {
        state.withLock { $0.cancel = cancel }
        schedule()
    }

    /// A piece has come: the next one is due within the stall limit.
    func progress() {
        guard let stall else { return }
        let isSooner = state.withLock { state in
            let due = NIODeadline.now() + stall
            state.pieceDue = due
            return due < state.timerDue
        }
        if isSooner { schedule() }
    }

    /// Until the next piece is asked for, nobody waits for the server.
    func rest() { state.withLock { if $0.pieceDue != nil { $0.pieceDue = .distantFuture } } }

    func stop() {
        let timer = state.withLock { state in
            state.isOver = true
            state.cancel = nil
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    /// One timer: it looks again when it fires, so that progress costs no timer of its own.
    private func schedule() {
        let due = state.withLock { state in state.isOver ? nil : min(state.end, state.pieceDue ?? state.end) }
        guard let due else { return }
        let timer = loop.scheduleTask(deadline: due) { self.look() }
        let former = state.withLock { state in
            defer { (state.timer, state.timerDue) = (timer, due) }
            return state.timer
        }
        former?.cancel()
    }

    private func look() {
        let cancel: (@Sendable () -> Void)? = state.withLock { state in
            guard !state.isOver else { return nil }
            let now = NIODeadline.now()
            state.verdict = now >= state.end ? .tooLong : state.pieceDue.map { now >= $0 } == true ? .stalled : nil
            guard state.verdict != nil else { return nil }
            state.isOver = true
            return state.cancel
        }
        if let cancel { cancel() } else { schedule() }
    }
}

extension TimeAmount {
    /// At most some years, which no timer overflows on.
    init(_ duration: Duration) {
        let seconds = min(max(0, duration.components.seconds), 100_000_000)
        self = .nanoseconds(seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
