import RabbitMQ
import Testing

@Suite struct AcknowledgementTrackerTests {
    let start = ContinuousClock.now

    func tracker(delivered count: UInt64, mostHeld: Int = 100) -> AcknowledgementTracker {
        var tracker = AcknowledgementTracker(longestHold: .milliseconds(50), mostHeld: mostHeld)
        for tag in 0..<count { _ = tracker.delivered(tag + 1) }
        return tracker
    }

    @Test func aFinishedPrefixIsOneAcknowledgement() {
        var tracker = tracker(delivered: 5)
        #expect(tracker.completed([1, 2, 3], now: start) == [.acknowledge(3, multiple: true)])
        #expect(tracker.completed([4], now: start) == [.acknowledge(4, multiple: false)])
        #expect(tracker.unfinished == 1)
    }

    @Test func whatIsBehindAGapWaitsAndGoesWithThePrefix() {
        var tracker = tracker(delivered: 4)
        #expect(tracker.completed([2, 3], now: start).isEmpty)
        #expect(tracker.nextFlush == start + .milliseconds(50))
        #expect(tracker.completed([1], now: start) == [.acknowledge(3, multiple: true)])
        #expect(tracker.nextFlush == nil)
    }

    @Test func aSlowHeadHoldsNothingBackForLong() {
        var tracker = tracker(delivered: 4)
        _ = tracker.completed([2, 4], now: start)
        #expect(tracker.flush(now: start + .milliseconds(49)).isEmpty)
        #expect(tracker.flush(now: start + .milliseconds(50)) == [.acknowledge(2, multiple: false), .acknowledge(4, multiple: false)])
        #expect(tracker.nextFlush == nil)
        // 4 was acknowledged by itself, so the prefix must not name it again.
        #expect(tracker.completed([1, 3], now: start) == [.acknowledge(3, multiple: true)])
    }

    @Test func manyBehindAGapGoAtOnce() {
        var tracker = tracker(delivered: 4, mostHeld: 2)
        #expect(tracker.completed([3], now: start).isEmpty)
        #expect(tracker.completed([2], now: start) == [.acknowledge(2, multiple: false), .acknowledge(3, multiple: false)])
    }

    @Test func aPrefixThatEndsInSettledDeliveriesNamesAnOpenOne() {
        var tracker = tracker(delivered: 3)
        #expect(tracker.rejected([2, 3], requeue: true, now: start) == [.reject(2, requeue: true), .reject(3, requeue: true)])
        #expect(tracker.completed([1], now: start) == [.acknowledge(1, multiple: false)])
    }

    @Test func rejectedDeliveriesCloseTheGap() {
        var tracker = tracker(delivered: 3)
        #expect(tracker.completed([2, 3], now: start).isEmpty)
        #expect(tracker.rejected([1], requeue: false, now: start) == [.reject(1, requeue: false), .acknowledge(3, multiple: true)])
    }

    @Test func unknownAndRepeatedTagsChangeNothing() {
        var tracker = tracker(delivered: 2)
        #expect(tracker.completed([0, 3, UInt64.max], now: start).isEmpty)
        #expect(tracker.completed([1], now: start) == [.acknowledge(1, multiple: false)])
        #expect(tracker.completed([1], now: start).isEmpty)
        #expect(tracker.rejected([1], requeue: true, now: start).isEmpty)
        #expect(tracker.completed([2, 2], now: start) == [.acknowledge(2, multiple: false)])
    }

    @Test func aDeliveryOutOfSequenceIsNoticed() {
        var tracker = tracker(delivered: 1)
        let accepted = [1, 3, 2].map { tracker.delivered($0) }
        #expect(accepted == [false, false, true])
    }

    @Test func atTheEndAllThatIsFinishedGoes() {
        var tracker = tracker(delivered: 5)
        _ = tracker.completed([3, 5], now: start)
        #expect(tracker.flushAll() == [.acknowledge(3, multiple: false), .acknowledge(5, multiple: false)])
        #expect(tracker.flushAll().isEmpty)
    }

    /// Whatever order handlers finish in, the broker sees each delivery acknowledged once, and never a tag that is closed already.
    @Test(arguments: 0..<20) func anyOrderAcknowledgesEachDeliveryOnce(seed: UInt64) {
        var random = LinearRandom(state: seed)
        let count: UInt64 = 300
        var tracker = tracker(delivered: count, mostHeld: 7)
        var open = Set(1...count)
        var now = start
        for tag in (1...count).shuffled(using: &random) {
            now += .milliseconds(Int(random.next() % 20))
            for action in tracker.completed([tag], now: now) + tracker.flush(now: now) {
                guard case .acknowledge(let tag, let multiple) = action else { continue }
                #expect(open.contains(tag))
                open = multiple ? open.filter { $0 > tag } : open.subtracting([tag])
            }
        }
        for action in tracker.flushAll() { if case .acknowledge(let tag, _) = action { open.remove(tag) } }
        #expect(open.isEmpty)
    }
}

/// Knuth's MMIX generator: the same numbers everywhere.
struct LinearRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
