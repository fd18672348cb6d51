/// Lets so many things happen in a second, and few at once. A pure value: whoever owns it has the clock.
package struct TokenBucket: Sendable {
    /// What may happen at once after a pause, as a part of a second.
    static let burstSeconds = 0.25

    /// Things a second, above 0.
    package private(set) var rate: Double
    private var level: Double
    private var filledAt: ContinuousClock.Instant

    /// Begins empty: whoever takes over from another does not add a burst of its own.
    package init(rate: Double, at now: ContinuousClock.Instant) {
        self.rate = rate
        level = 0
        filledAt = now
    }

    /// The most that happens at once; at least 1.
    package var burst: Int { max(1, Int((rate * TokenBucket.burstSeconds).rounded(.up))) }

    /// How many things may happen now.
    package mutating func available(at now: ContinuousClock.Instant) -> Int {
        fill(at: now)
        return Int(level)
    }

    /// So many happen now, no more than ``available(at:)`` said.
    package mutating func take(_ count: Int) {
        level -= Double(count)
    }

    /// What was saved up under the old rate stays, up to the new burst.
    package mutating func setRate(_ rate: Double, at now: ContinuousClock.Instant) {
        fill(at: now)
        self.rate = rate
        level = min(level, Double(burst))
    }

    private mutating func fill(at now: ContinuousClock.Instant) {
        let elapsed = max(now - filledAt, .zero)
        level = min(level + rate * (elapsed / .seconds(1)), Double(burst))
        filledAt = now
    }
}
