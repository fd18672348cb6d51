import RabbitMQ
import Testing

@Suite struct ConfirmTrackerTests {
    let start = ContinuousClock.now
    var deadline: ContinuousClock.Instant { start + .seconds(10) }

    func connected(messages: Int = 100, bytes: Int = 1 << 20) -> ConfirmTracker {
        var tracker = ConfirmTracker(window: ConfirmTracker.Window(messages: messages, bytes: bytes))
        tracker.connected()
        return tracker
    }

    /// Sends all that may be sent; the tags used.
    func sendAll(_ tracker: inout ConfirmTracker) -> [UInt64] {
        var tags: [UInt64] = []
        while let position = tracker.next() {
            tags.append(position.tag)
            tracker.sent(position)
        }
        return tags
    }

    @Test func aBatchEndsWhenSingleAndMultipleConfirmsHaveCoveredIt() {
        var tracker = connected()
        let batch = tracker.add(sizes: [1, 1, 1, 1], deadline: deadline)
        #expect(sendAll(&tracker) == [1, 2, 3, 4])
        #expect(tracker.confirmed(3, multiple: false).isEmpty)
        #expect(tracker.confirmed(2, multiple: true).isEmpty)
        #expect(tracker.confirmed(2, multiple: true).isEmpty)
        #expect(tracker.confirmed(4, multiple: true) == [.init(batch: batch, outcomes: Array(repeating: .confirmed, count: 4))])
        #expect(tracker.messagesInFlight == 0 && tracker.bytesInFlight == 0)
    }

    @Test func aMultipleConfirmEndsSeveralBatchesInOrder() {
        var tracker = connected()
        let first = tracker.add(sizes: [1], deadline: deadline)
        let second = tracker.add(sizes: [1, 1], deadline: deadline)
        _ = sendAll(&tracker)
        #expect(tracker.confirmed(3, multiple: true).map(\.batch) == [first, second])
    }

    @Test func returnedAndNackedMessagesKeepTheirPlaces() {
        var tracker = connected()
        _ = tracker.add(sizes: [1, 1, 1], deadline: deadline)
        _ = sendAll(&tracker)
        tracker.returned(2, code: 312, text: "NO_ROUTE")
        #expect(tracker.refused(1, multiple: false).isEmpty)
        #expect(tracker.confirmed(3, multiple: true).map(\.outcomes) == [[.nacked, .returned(code: 312, text: "NO_ROUTE"), .confirmed]])
    }

    @Test func theWindowBoundsMessagesAndBytes() {
        var tracker = connected(messages: 3, bytes: 100)
        _ = tracker.add(sizes: [10, 10, 10, 10], deadline: deadline)
        #expect(sendAll(&tracker) == [1, 2, 3])
        _ = tracker.confirmed(1, multiple: false)
        #expect(sendAll(&tracker) == [4])
        _ = tracker.confirmed(4, multiple: true)
        _ = tracker.add(sizes: [60, 60], deadline: deadline)
        #expect(sendAll(&tracker) == [5])
        #expect(tracker.bytesInFlight == 60)
    }

    @Test func aMessageLargerThanTheWindowGoesAlone() {
        var tracker = connected(messages: 10, bytes: 100)
        _ = tracker.add(sizes: [500, 1], deadline: deadline)
        #expect(sendAll(&tracker) == [1])
        _ = tracker.confirmed(1, multiple: false)
        #expect(sendAll(&tracker) == [2])
    }

    @Test func nothingIsSentWhileTheBrokerIsBlockedAndTheDeadlineSaysSo() {
        var tracker = connected()
        tracker.blocked("low on memory")
        let batch = tracker.add(sizes: [1], deadline: deadline)
        #expect(tracker.next() == nil)
        #expect(tracker.nextDeadline == deadline)
        #expect(tracker.expire(now: deadline - .seconds(1)).isEmpty)
        #expect(tracker.expire(now: deadline) == [.init(batch: batch, outcomes: [.unconfirmed(.notSent(.blocked("low on memory")))])])
        tracker.unblocked()
        #expect(tracker.next() == nil)
        #expect(tracker.nextDeadline == nil)
    }

    @Test func aBlockedBatchGoesOutWhenTheAlarmEnds() {
        var tracker = connected()
        tracker.blocked("disk")
        _ = tracker.add(sizes: [1], deadline: deadline)
        tracker.unblocked()
        #expect(sendAll(&tracker) == [1])
    }

    @Test func lossEndsWhatWasSentAndKeepsWhatWasNot() {
        var tracker = connected(messages: 2)
        let first = tracker.add(sizes: [1, 1, 1], deadline: deadline)
        let second = tracker.add(sizes: [1], deadline: deadline)
        _ = sendAll(&tracker)
        _ = tracker.confirmed(1, multiple: false)
        let expected: [PublishOutcome] = [.confirmed, .unconfirmed(.connectionLost), .unconfirmed(.notSent(.notConnected))]
        #expect(tracker.connectionLost() == [.init(batch: first, outcomes: expected)])
        #expect(tracker.next() == nil)
        tracker.connected()
        #expect(sendAll(&tracker) == [1])
        #expect(tracker.confirmed(1, multiple: false) == [.init(batch: second, outcomes: [.confirmed])])
    }

    @Test func withoutAConnectionTheDeadlineSaysSo() {
        var tracker = ConfirmTracker(window: ConfirmTracker.Window(messages: 1, bytes: 1))
        _ = tracker.add(sizes: [1], deadline: deadline)
        #expect(tracker.expire(now: deadline).map(\.outcomes) == [[.unconfirmed(.notSent(.notConnected))]])
    }

    @Test func anExpiredMessageLeavesTheWindowAndItsLateConfirmIsHarmless() {
        var tracker = connected(messages: 1)
        _ = tracker.add(sizes: [1], deadline: deadline)
        _ = tracker.add(sizes: [1], deadline: deadline + .seconds(5))
        #expect(sendAll(&tracker) == [1])
        #expect(tracker.expire(now: deadline).map(\.outcomes) == [[.unconfirmed(.deadline)]])
        #expect(tracker.isStalled)
        tracker.blocked("memory")
        #expect(!tracker.isStalled)
        tracker.unblocked()
        #expect(sendAll(&tracker) == [2])
        #expect(tracker.confirmed(1, multiple: false).isEmpty)
        #expect(!tracker.isStalled)
        #expect(tracker.messagesInFlight == 1)
        #expect(tracker.confirmed(2, multiple: false).map(\.outcomes) == [[.confirmed]])
    }

    @Test func unknownTagsChangeNothing() {
        var tracker = connected()
        _ = tracker.add(sizes: [1], deadline: deadline)
        _ = sendAll(&tracker)
        for tag in [0, 2, UInt64.max] {
            #expect(tracker.confirmed(tag, multiple: false).isEmpty)
            tracker.returned(tag, code: 312, text: "")
        }
        #expect(tracker.confirmed(UInt64.max, multiple: true).isEmpty)
        #expect(tracker.confirmed(0, multiple: true).map(\.outcomes) == [[.confirmed]])
    }

    @Test func cancellingABatchEndsItAndLetsTheOthersGoOn() {
        var tracker = connected(messages: 1)
        let first = tracker.add(sizes: [1, 1], deadline: deadline)
        let second = tracker.add(sizes: [1], deadline: deadline)
        _ = sendAll(&tracker)
        #expect(tracker.cancel(first).map(\.outcomes) == [[.unconfirmed(.deadline), .unconfirmed(.notSent(.windowFull))]])
        #expect(tracker.cancel(first).isEmpty)
        #expect(sendAll(&tracker) == [2])
        #expect(tracker.confirmed(2, multiple: true).map(\.batch) == [second])
    }

    @Test func manyMessagesKeepMemoryBounded() {
        var tracker = connected(messages: 64)
        var finished = 0
        for _ in 0..<2_000 {
            _ = tracker.add(sizes: Array(repeating: 1, count: 8), deadline: deadline)
            for tag in sendAll(&tracker).reversed() { finished += tracker.confirmed(tag, multiple: false).count }
        }
        #expect(finished == 2_000)
        #expect(tracker.messagesInFlight == 0)
    }
}
