import FleetModel

/// Notices that what is out in a broker queue stands in the way of what should go first: a broker's queue is first in, first out, so a job that is raised, or
/// comes new beside an equal one, waits behind all that was sent before it. Then what is out is withdrawn, and sent again in the right order.
///
/// A pure value. Quick stages never need it: what is out is gone before ``patience`` ends.
package struct PrecedenceWatch: Sendable {
    /// How long a job waits behind what it should go before. Half of the time in which a change is to take effect.
    static let patience: Duration = .milliseconds(800)
    /// Equals that take turns have this many tokens of each other before them at most.
    static let mostAheadOfAnEqual = 3

    /// Where one job of the broker queue stands.
    package struct Standing: Sendable {
        package var queue: Int32
        package var priority: Int
        /// It has tokens to send that found no room.
        package var isHeldBack: Bool

        package init(queue: Int32, priority: Int, isHeldBack: Bool) {
            self.queue = queue
            self.priority = priority
            self.isHeldBack = isHeldBack
        }
    }

    private var since: ContinuousClock.Instant?

    package init() {}

    /// - Returns: whether to withdraw what is out, now.
    package mutating func mustWithdraw(_ standings: [Standing], from window: DispatchWindow, at now: ContinuousClock.Instant) -> Bool {
        guard standings.count > 1, isInTheWay(standings, window) else {
            since = nil
            return false
        }
        guard let since else {
            since = now
            return false
        }
        guard now - since >= PrecedenceWatch.patience else { return false }
        self.since = nil
        return true
    }

    private func isInTheWay(_ standings: [Standing], _ window: DispatchWindow) -> Bool {
        standings.contains { first in
            let oldest = window.oldest(in: first.queue)
            return standings.contains { other in
                guard other.queue != first.queue, other.priority <= first.priority else { return false }
                let tolerated = other.priority < first.priority ? 0 : PrecedenceWatch.mostAheadOfAnEqual
                let ahead = if let oldest { window.outstandingCount(in: other.queue, sentBefore: oldest) } else { 0 }
                if ahead > tolerated { return true }
                // An equal that has its turns is not held back, however full the window.
                let isShutOut = first.isHeldBack && (other.priority < first.priority || oldest == nil)
                return isShutOut && window.outstandingCount(in: other.queue) > tolerated
            }
        }
    }
}
