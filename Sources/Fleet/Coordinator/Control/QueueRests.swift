import FleetModel

/// Which of the broker's queues take or answer nothing, and are asked again later, and later each time: none of them may hold up the others of its lane.
///
/// A pure value.
package struct QueueRests: Sendable {
    private struct Rest {
        var until: ContinuousClock.Instant
        var length: Duration
        var isSilent: Bool
    }

    private static let shortest: Duration = .seconds(1), longest: Duration = .seconds(60)

    private var rests: [BrokerQueue: Rest] = [:]

    package init() {}

    package func isResting(_ queue: BrokerQueue, at now: ContinuousClock.Instant) -> Bool { rests[queue].map { $0.until > now } ?? false }

    /// - Parameter isSilent: whether it left a question unanswered, on which the connection was lost: another does not help. Otherwise it did not confirm.
    package mutating func rest(_ queue: BrokerQueue, isSilent: Bool, at now: ContinuousClock.Instant) {
        let length = min(rests[queue].map { $0.length * 2 } ?? Self.shortest, Self.longest)
        rests[queue] = Rest(until: now + length, length: length, isSilent: isSilent)
    }

    /// It takes what is sent to it.
    package mutating func answered(_ queue: BrokerQueue) { rests[queue] = nil }

    /// There is another connection: while there was none, nothing was confirmed.
    package mutating func reconnected() { rests = rests.filter(\.value.isSilent) }
}
