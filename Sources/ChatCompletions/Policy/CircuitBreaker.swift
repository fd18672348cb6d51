/// Keeps requests from an endpoint that fails again and again: lets one pass now and then to see whether it is back.
///
/// Failures come back sooner than answers. Of many requests sent at once the first dozen to end may have failed while all others are being answered, so failures on end open the
/// circuit only when they are as many as the attempts that have not ended. And what was sent before the last success tells nothing of the time after it: the few that a server
/// lets hang fail together, long after it has answered all others.
public struct CircuitBreaker: Hashable, Sendable {
    public struct Settings: Hashable, Sendable {
        /// Failures on end that open the circuit, where no more attempts than that are under way.
        public var failures: Int
        /// How long it stays open at first; doubled with each probe that fails.
        public var rest: Duration
        public var longestRest: Duration

        public init(failures: Int = 8, rest: Duration = .seconds(5), longestRest: Duration = .seconds(60)) {
            self.failures = failures
            self.rest = rest
            self.longestRest = longestRest
        }
    }

    /// Leave to make one attempt; given back with what became of it.
    public struct Permit: Hashable, Sendable {
        let isProbe: Bool
        /// Successes before it.
        let era: Int
    }

    public enum Admission: Hashable, Sendable {
        case admitted(Permit)
        /// Until a probe may be made, at the least.
        case refused(Duration)
    }

    public enum Outcome: Hashable, Sendable {
        case succeeded
        /// No connection, no answer, a broken one or a 5xx.
        case failed
        /// The attempt says nothing of the endpoint: cancelled, refused for its content, over a limit.
        case neutral
    }

    private enum State: Hashable, Sendable {
        case closed(failures: Int)
        case open(until: Duration, rest: Duration)
        /// One probe is under way.
        case probing(rest: Duration)
    }

    public let settings: Settings
    private var state = State.closed(failures: 0)
    /// Attempts that have not ended.
    private var pending = 0
    private var successes = 0
    /// When the circuit opened; nil while it is closed. Probes that fail leave it.
    public private(set) var opened: Duration?

    public init(_ settings: Settings = Settings()) { self.settings = settings }

    public var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// - Parameter now: any clock that never goes back.
    public mutating func admit(now: Duration) -> Admission {
        switch state {
        case .closed:
            pending += 1
            return .admitted(Permit(isProbe: false, era: successes))
        case .open(let until, let rest):
            guard now >= until else { return .refused(until - now) }
            state = .probing(rest: rest)
            pending += 1
            return .admitted(Permit(isProbe: true, era: successes))
        case .probing(let rest):
            return .refused(min(rest, settings.rest))
        }
    }

    public mutating func ended(_ permit: Permit, _ outcome: Outcome, now: Duration) {
        pending -= 1
        switch (state, outcome) {
        case (_, .succeeded):
            successes += 1
            state = .closed(failures: 0)
            opened = nil
        case (.closed(let failures), .failed) where permit.era == successes:
            guard failures + 1 >= max(settings.failures, pending) else {
                state = .closed(failures: failures + 1)
                return
            }
            state = .open(until: now + settings.rest, rest: settings.rest)
            opened = now
        case (.probing(let rest), .failed) where permit.isProbe:
            let longer = min(rest * 2, settings.longestRest)
            state = .open(until: now + longer, rest: longer)
        case (.probing(let rest), .neutral) where permit.isProbe:
            // The probe told nothing: the next one may go at once.
            state = .open(until: now, rest: rest)
        default:
            // What was sent before the circuit opened, and fails now, is known already.
            break
        }
    }
}
