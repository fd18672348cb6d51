import Fleet
import FleetModel
import Testing

struct DispatchWindowTests {
    private let start = ContinuousClock.now

    private func tokens(_ range: ClosedRange<Int64>, queue: Int32 = 1) -> [ReadyToken] {
        range.map { ReadyToken(epoch: 1, queue: queue, seq: $0, task: $0 + 1000) }
    }

    @Test func `sends no more than the window, and goes on as tokens are claimed`() {
        var window = DispatchWindow(size: 4)
        let first = window.tokensToSend(from: tokens(1...8), of: 1, limit: 8, share: 4)
        #expect(first.map(\.seq) == [1, 2, 3, 4])
        window.markSent(first, at: start)
        #expect(window.tokensToSend(from: tokens(1...8), of: 1, limit: 8, share: 4).isEmpty)
        // 1 and 2 were claimed: they stand in the ledger no longer.
        #expect(window.tokensToSend(from: tokens(3...10), of: 1, limit: 8, share: 4).map(\.seq) == [5, 6])
    }

    @Test func `a row that was committed late, behind what was read, still goes out`() {
        var window = DispatchWindow(size: 10)
        let late = tokens(100...102).filter { $0.seq != 101 }
        window.markSent(window.tokensToSend(from: late, of: 1, limit: 8, share: 10), at: start)
        #expect(window.tokensToSend(from: tokens(100...102), of: 1, limit: 8, share: 10).map(\.seq) == [101])
    }

    @Test func `what lies behind the last row that was read is still out`() {
        var window = DispatchWindow(size: 4)
        window.markSent(tokens(5...8), at: start)
        // Two older tokens came back to the head; the reading ends before 5.
        _ = window.tokensToSend(from: tokens(1...2), of: 1, limit: 2, share: 4)
        #expect(window.outstandingCount == 4)
    }

    @Test func `jobs of one queue share its window`() {
        var window = DispatchWindow(size: 6)
        let one = window.tokensToSend(from: tokens(1...9, queue: 1), of: 1, limit: 9, share: 3)
        window.markSent(one, at: start)
        let two = window.tokensToSend(from: tokens(10...19, queue: 2), of: 2, limit: 9, share: 9)
        #expect(one.count == 3)
        #expect(two.count == 3)
    }

    @Test func `a lost broker and an old message are forgotten`() {
        var window = DispatchWindow(size: 10)
        window.markSent(tokens(1...2), at: start)
        window.markSent(tokens(3...4, queue: 2), at: start + .seconds(10))
        window.forget(sentBefore: start + .seconds(5))
        #expect(window.outstandingCount == 2)
        #expect(window.oldest == start + .seconds(10))
        window.forgetAll()
        #expect(window.outstandingCount == 0)
    }
}
