import FleetModel

/// Shares each stage's rate between its lanes, stream first. A pure value.
package struct StageRates: Sendable {
    /// A wish of the stream lane that is older than this has passed: the lane asks with each of its rounds.
    static let wishLasts: Duration = .milliseconds(300)

    private struct Stage {
        var bucket: TokenBucket
        /// What the stream lane asked for and did not get.
        var wish = 0
        var wishedAt: ContinuousClock.Instant
    }

    private var stages: [StageName: Stage] = [:]

    package init() {}

    /// How many tokens of a stage may be sent now. What is granted counts as sent.
    ///
    /// - Parameters:
    ///   - rate: tasks a second, over the whole fleet; nil for no limit.
    ///   - wanted: how many tokens could be sent.
    ///   - out: how many were sent and nobody has claimed. They are bounded by the bucket's burst, so that workers who come late do not find a store.
    package mutating func grant(_ wanted: Int, of stage: StageName, in lane: Lane, rate: Double?, out: Int, at now: ContinuousClock.Instant) -> Int {
        guard let rate else {
            stages[stage] = nil
            return wanted
        }
        var entry = stages[stage] ?? Stage(bucket: TokenBucket(rate: rate, at: now), wishedAt: now)
        if entry.bucket.rate != rate { entry.bucket.setRate(rate, at: now) }
        let wanted = max(min(wanted, entry.bucket.burst - out), 0)
        var free = entry.bucket.available(at: now)
        if lane != .stream, now - entry.wishedAt <= StageRates.wishLasts { free -= entry.wish }
        let granted = max(min(wanted, free), 0)
        entry.bucket.take(granted)
        if lane == .stream {
            entry.wish = wanted - granted
            entry.wishedAt = now
        }
        stages[stage] = entry
        return granted
    }
}

/// The rates that the dispatchers of all lanes share.
actor SharedRates {
    private var rates = StageRates()

    func grant(_ wanted: Int, of stage: StageName, in lane: Lane, rate: Double?, out: Int) -> Int {
        rates.grant(wanted, of: stage, in: lane, rate: rate, out: out, at: .now)
    }
}
