/// Waits that double from one attempt to the next, each shortened at random by up to half, so that rivals do not meet again. Pure.
package struct Backoff: Sendable {
    package var initial: Duration
    package var maximum: Duration

    package init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// - Parameters:
    ///   - attempt: from 1.
    ///   - random: 0..<1.
    package func delay(attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let full = min(initial * (1 << doublings), maximum)
        return full * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}

/// How often a whole transaction is run again when PostgreSQL undid it in favour of a rival (deadlock, serialisation failure).
public struct RetryPolicy: Sendable {
    /// Runs in all, the first included.
    public var attempts: Int
    public var initialDelay: Duration
    public var maximumDelay: Duration

    public init(attempts: Int = 5, initialDelay: Duration = .milliseconds(5), maximumDelay: Duration = .milliseconds(500)) {
        self.attempts = max(1, attempts)
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
    }

    public static let `default` = RetryPolicy()
    public static let never = RetryPolicy(attempts: 1)

    /// - Parameter attempt: how many runs there have been.
    /// - Returns: how long to wait before the next run, or nil to pass the error on.
    package func delay(after error: any Error, attempt: Int, random: Double) -> Duration? {
        guard attempt < attempts, let error = error as? PostgreSQLError, error.sqlState?.isTransactionConflict ?? false else { return nil }
        return Backoff(initial: initialDelay, maximum: maximumDelay).delay(attempt: attempt, random: random)
    }
}
