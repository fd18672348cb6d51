import FleetModel

/// Exponential backoff with full jitter: the pause after the n-th failure is `least` and anything from nothing to `base × 2ⁿ⁻¹`, at most `ceiling`, so that
/// tasks which failed together do not come back together.
public struct Backoff: Sendable, Hashable {
    /// A task that failed this many times is dead.
    public var attempts: Int
    public var base: Duration
    public var ceiling: Duration
    /// For what has been tried several times within the attempt: no sooner than the last of those pauses.
    public var least: Duration

    public init(attempts: Int, base: Duration, ceiling: Duration, least: Duration = .zero) {
        self.least = least
        self.attempts = attempts
        self.base = base
        self.ceiling = ceiling
    }

    /// - Parameters:
    ///   - failures: how many attempts have failed, this one included; at least 1.
    ///   - jitter: 0 ..< 1, from the caller's source of randomness.
    /// - Returns: nil when no attempt is left.
    public func delay(afterFailures failures: Int, jitter: Double) -> Duration? {
        guard failures < attempts else { return nil }
        let doublings = min(max(failures - 1, 0), 20)
        return least + min(base * (1 << doublings), ceiling) * jitter
    }
}

/// When a task that failed for a passing reason runs again, by the code of its error.
public struct RetryPolicy: Sendable, Hashable {
    /// A task whose errors keep changing ends too.
    static let mostAttempts = 50

    /// For all codes that have none of their own: these are counted together.
    public var others: Backoff
    /// Failures of such a code are counted apart from all others.
    public var byCode: [FleetError.Code: Backoff]

    public init(attempts: Int = 5, base: Duration = .seconds(2), ceiling: Duration = .seconds(300), byCode: [FleetError.Code: Backoff] = [:]) {
        others = Backoff(attempts: attempts, base: base, ceiling: ceiling)
        self.byCode = byCode
    }

    /// What a stage has that says nothing else.
    public static let standard = RetryPolicy(byCode: [
        // Each attempt costs the whole limit: once more, in case the machine was busy.
        .timeLimit: Backoff(attempts: 2, base: .seconds(10), ceiling: .seconds(60)),
        .childTimeLimit: Backoff(attempts: 2, base: .seconds(5), ceiling: .seconds(60)),
        // Hostile media kills its decoder each time; a machine short of memory does not.
        .childDied: Backoff(attempts: 3, base: .seconds(1), ceiling: .seconds(30)),
        // A file server that restarts is back within minutes.
        .sourceGone: Backoff(attempts: 4, base: .seconds(5), ceiling: .seconds(120)),
        // The server says how long; a stage that knows it defers. Without a word, patience.
        .rateLimited: Backoff(attempts: 12, base: .seconds(5), ceiling: .seconds(600)),
        .stageStart: Backoff(attempts: 8, base: .seconds(5), ceiling: .seconds(300)),
        // The client has asked three times, with growing pauses of up to a second: the next one is longer.
        .serverError: Backoff(attempts: 5, base: .seconds(2), ceiling: .seconds(300), least: .seconds(2)),
        .serverTimeout: Backoff(attempts: 5, base: .seconds(2), ceiling: .seconds(300), least: .seconds(2)),
        .malformedAnswer: Backoff(attempts: 5, base: .seconds(2), ceiling: .seconds(300), least: .seconds(2)),
    ])

    /// Attempts of the codes that have none of their own.
    public var attempts: Int {
        get { others.attempts }
        set { others.attempts = newValue }
    }

    public func backoff(for code: FleetError.Code) -> Backoff { byCode[code] ?? others }

    /// - Parameters:
    ///   - code: of the failure at hand.
    ///   - earlier: how many attempts failed before it, by code.
    ///   - jitter: 0 ..< 1, from the caller's source of randomness.
    /// - Returns: nil when no attempt is left.
    public func delay(after code: FleetError.Code, earlier: [FleetError.Code: Int], jitter: Double) -> Duration? {
        guard earlier.values.reduce(1, +) < RetryPolicy.mostAttempts else { return nil }
        let counted = byCode[code] != nil ? earlier[code, default: 0] : earlier.reduce(0) { $0 + (byCode[$1.key] == nil ? $1.value : 0) }
        return backoff(for: code).delay(afterFailures: counted + 1, jitter: jitter)
    }
}
