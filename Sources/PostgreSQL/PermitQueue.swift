/// A counted set of permits, given in the order of asking; bounded on both sides. Pure: the owner resumes whom it is told to.
package struct PermitQueue {
    package enum Answer: Equatable { case granted, wait, full, closed }

    private let limit: Int
    private let waiterLimit: Int
    private var taken = 0
    private var waiters: [UInt64] = []
    package private(set) var isClosed = false

    package init(limit: Int, waiterLimit: Int) {
        self.limit = max(1, limit)
        self.waiterLimit = max(0, waiterLimit)
    }

    package var waiterCount: Int { waiters.count }

    package mutating func ask(_ waiter: UInt64) -> Answer {
        if isClosed { return .closed }
        if taken < limit, waiters.isEmpty {
            taken += 1
            return .granted
        }
        guard waiters.count < waiterLimit else { return .full }
        waiters.append(waiter)
        return .wait
    }

    /// - Returns: the waiter whom the permit goes to now.
    package mutating func giveBack() -> UInt64? {
        guard !waiters.isEmpty else {
            taken -= 1
            return nil
        }
        return waiters.removeFirst()
    }

    /// - Returns: whether it was still waiting.
    package mutating func leave(_ waiter: UInt64) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// - Returns: the waiters to refuse.
    package mutating func close() -> [UInt64] {
        isClosed = true
        defer { waiters = [] }
        return waiters
    }
}
