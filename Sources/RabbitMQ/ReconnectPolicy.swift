/// Exponential backoff with full jitter: the n-th wait is drawn evenly from zero to `min(longest, first · 2ⁿ)`
/// (M. Brooker, "Exponential Backoff And Jitter", 2015), so that a thousand workers do not come back together.
public struct ReconnectPolicy: Hashable, Sendable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration = .milliseconds(200), longest: Duration = .seconds(15)) {
        self.first = max(first, .zero)
        self.longest = max(longest, .zero)
    }

    /// - Parameters:
    ///   - attempt: 0 for the first wait after a success.
    ///   - fraction: the drawn randomness, 0…1.
    public func delay(attempt: Int, fraction: Double) -> Duration {
        let doublings = min(max(attempt, 0), 30)
        let ceiling = min(longest, first * (1 << doublings))
        return ceiling * min(max(fraction, 0), 1)
    }
}

/// How often in succession something has failed, and when it is due again.
package struct Backoff: Sendable {
    package let policy: ReconnectPolicy
    private let randomFraction: @Sendable () -> Double
    private(set) package var attempt = 0

    package init(policy: ReconnectPolicy, randomFraction: @escaping @Sendable () -> Double) {
        self.policy = policy
        self.randomFraction = randomFraction
    }

    package mutating func failed() -> Duration {
        defer { attempt += 1 }
        return policy.delay(attempt: attempt, fraction: randomFraction())
    }

    package mutating func succeeded() { attempt = 0 }
}
