import FleetModel

/// What the coordinator remembers of one broker queue: which tokens it has sent and the ledger still holds.
///
/// A pure value. A token that was sent and still stands in the ledger is in the broker's queue, in a worker's hands, or lost; the window
/// bounds their number. What is remembered here is a hint: forgetting all of it sends messages twice, which is harmless.
package struct DispatchWindow {
    /// The most tokens that are out at once.
    package let size: Int
    /// Sent tokens that the ledger still held when it was last read, by ledger queue: seq → when it was sent.
    private var outstanding: [Int32: [Int64: ContinuousClock.Instant]] = [:]

    package init(size: Int) {
        self.size = size
    }

    package var outstandingCount: Int { outstanding.values.reduce(0) { $0 + $1.count } }

    package func outstandingCount(in queue: Int32) -> Int { outstanding[queue]?.count ?? 0 }

    /// How many of a queue's tokens that are out were sent before `instant`.
    package func outstandingCount(in queue: Int32, sentBefore instant: ContinuousClock.Instant) -> Int {
        outstanding[queue]?.values.count { $0 < instant } ?? 0
    }

    /// When the first of a queue's tokens that are out was sent.
    package func oldest(in queue: Int32) -> ContinuousClock.Instant? { outstanding[queue]?.values.min() }

    /// The ledger queues of which something is out.
    package var queues: Set<Int32> { Set(outstanding.filter { !$0.value.isEmpty }.keys) }

    /// Takes a reading of one ledger queue from its head and says what to send now.
    ///
    /// - Parameters:
    ///   - rows: the first rows of the queue in order of `seq`, at most `limit` of them.
    ///   - limit: how many rows were asked for; fewer rows mean that the whole queue was seen.
    ///   - share: how many tokens of this queue may be out.
    package mutating func tokensToSend(from rows: [ReadyToken], of queue: Int32, limit: Int, share: Int) -> [ReadyToken] {
        var sent = outstanding[queue] ?? [:]
        let present = Set(rows.map(\.seq))
        // Sent and no longer among the rows: claimed or gone. Past the last row nothing is known.
        let horizon = rows.count < limit ? Int64.max : rows.last?.seq ?? Int64.max
        sent = sent.filter { $0.key > horizon || present.contains($0.key) }
        outstanding[queue] = sent
        let room = min(share - sent.count, size - outstandingCount)
        guard room > 0 else { return [] }
        return Array(rows.lazy.filter { sent[$0.seq] == nil }.prefix(room))
    }

    /// These are on their way.
    package mutating func markSent(_ tokens: some Sequence<ReadyToken>, at now: ContinuousClock.Instant) {
        for token in tokens { outstanding[token.queue, default: [:]][token.seq] = now }
    }

    /// Tokens sent before `instant` count as lost, and go out again with the next reading.
    package mutating func forget(sentBefore instant: ContinuousClock.Instant) {
        for (queue, sent) in outstanding { outstanding[queue] = sent.filter { $0.value >= instant } }
    }

    /// The broker did not take this one.
    package mutating func forget(_ token: ReadyToken) {
        outstanding[token.queue]?[token.seq] = nil
    }

    /// The broker lost what it held, or was changed for another: all that stands in the ledger goes out again.
    package mutating func forgetAll() {
        outstanding = [:]
    }

    /// The oldest token that is still out.
    package var oldest: ContinuousClock.Instant? {
        outstanding.values.lazy.compactMap { $0.values.min() }.min()
    }
}
