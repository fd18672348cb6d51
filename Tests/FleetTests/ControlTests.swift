import Fleet
import FleetModel
import Ledger
import Testing

struct TokenBucketTests {
    private let start = ContinuousClock.now

    @Test func `so many pass in a second, however often it is asked`() {
        var bucket = TokenBucket(rate: 20, at: start)
        var passed = 0
        for step in 1...1000 {
            let free = bucket.available(at: start + .milliseconds(step * 10))
            bucket.take(free)
            passed += free
        }
        #expect((199...200).contains(passed))
    }

    @Test func `it begins empty, and saves up a quarter of a second at most`() {
        var bucket = TokenBucket(rate: 100, at: start)
        #expect(bucket.available(at: start) == 0)
        #expect(bucket.available(at: start + .seconds(600)) == 25)
        #expect(TokenBucket(rate: 0.1, at: start).burst == 1)
    }

    @Test func `a slow rate passes one at a time`() {
        var bucket = TokenBucket(rate: 0.5, at: start)
        #expect(bucket.available(at: start + .milliseconds(1900)) == 0)
        #expect(bucket.available(at: start + .milliseconds(2100)) == 1)
        bucket.take(1)
        #expect(bucket.available(at: start + .milliseconds(3900)) == 0)
    }

    @Test func `a lower rate holds from now on`() {
        var bucket = TokenBucket(rate: 1000, at: start)
        bucket.setRate(4, at: start + .seconds(10))
        #expect(bucket.available(at: start + .seconds(10)) == 1)
    }

    @Test func `a clock that stands still or goes back gives nothing`() {
        var bucket = TokenBucket(rate: 10, at: start)
        #expect(bucket.available(at: start - .seconds(60)) == 0)
    }
}

struct StageRatesTests {
    private let start = ContinuousClock.now

    @Test func `without a rate all that is wanted goes`() {
        var rates = StageRates()
        #expect(rates.grant(5000, of: "audio", in: .bulk, rate: nil, out: 0, at: start) == 5000)
    }

    @Test func `lanes share one rate, and what stream lacks bulk does not get`() {
        var rates = StageRates()
        _ = rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 0, at: start)
        // 10 have come in; stream wants more than that.
        #expect(rates.grant(15, of: "audio", in: .stream, rate: 100, out: 0, at: start + .milliseconds(100)) == 10)
        #expect(rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 0, at: start + .milliseconds(150)) == 0)
        #expect(rates.grant(5, of: "audio", in: .stream, rate: 100, out: 0, at: start + .milliseconds(200)) == 5)
        // Stream has what it wanted: the rest is bulk's.
        #expect(rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 0, at: start + .milliseconds(200)) == 5)
    }

    @Test func `a stream lane that asks no more holds bulk back no longer`() {
        var rates = StageRates()
        _ = rates.grant(100, of: "audio", in: .stream, rate: 100, out: 0, at: start)
        #expect(rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 0, at: start + .seconds(1)) == 25)
    }

    @Test func `what nobody claims is no store for those who come late`() {
        var rates = StageRates()
        _ = rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 0, at: start)
        #expect(rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 20, at: start + .seconds(1)) == 5)
        #expect(rates.grant(100, of: "audio", in: .bulk, rate: 100, out: 25, at: start + .seconds(2)) == 0)
    }

    @Test func `a rate that is lowered holds with the next round`() {
        var rates = StageRates()
        _ = rates.grant(0, of: "audio", in: .bulk, rate: 1000, out: 0, at: start)
        #expect(rates.grant(500, of: "audio", in: .bulk, rate: 8, out: 0, at: start + .seconds(5)) == 2)
        #expect(rates.grant(500, of: "frames", in: .bulk, rate: nil, out: 0, at: start + .seconds(5)) == 500)
    }
}

struct FairOrderTests {
    private func candidate(_ queue: Int32, _ count: Int, priority: Int = 0, from first: Int64 = 0) -> FairOrder.Candidate {
        FairOrder.Candidate(queue: queue, priority: priority,
                            tokens: (0..<Int64(count)).map { ReadyToken(epoch: 1, queue: queue, seq: first + $0, task: $0) })
    }

    @Test func `equals take turns`() {
        var order = FairOrder()
        #expect(order.pick([candidate(1, 10), candidate(2, 10)], room: 6).map(\.queue) == [1, 2, 1, 2, 1, 2])
    }

    @Test func `equals take turns also where there is room for one at a time`() {
        var order = FairOrder()
        let picked = (0..<6).flatMap { _ in order.pick([candidate(1, 10), candidate(2, 10), candidate(3, 10)], room: 1).map(\.queue) }
        #expect(picked == [1, 2, 3, 1, 2, 3])
    }

    @Test func `one that comes late has no turns to catch up`() {
        var order = FairOrder()
        _ = order.pick([candidate(1, 1000)], room: 1000)
        let picked = order.pick([candidate(1, 1000), candidate(2, 1000)], room: 10)
        #expect(picked.count { $0.queue == 2 } == 5)
    }

    @Test func `one that had nothing for a while has none either`() {
        var order = FairOrder()
        _ = order.pick([candidate(1, 10), candidate(2, 10)], room: 10)
        for _ in 0..<50 { _ = order.pick([candidate(1, 10), candidate(2, 0)], room: 10) }
        let picked = order.pick([candidate(1, 10), candidate(2, 10)], room: 10)
        #expect(picked.count { $0.queue == 2 } == 5)
    }

    @Test func `a higher priority goes first, and what it leaves goes to the lower`() {
        var order = FairOrder()
        #expect(order.pick([candidate(1, 10), candidate(2, 3, priority: 5)], room: 6).map(\.queue) == [2, 2, 2, 1, 1, 1])
        #expect(order.pick([candidate(1, 10), candidate(2, 0, priority: 5)], room: 2).map(\.queue) == [1, 1])
    }

    @Test func `tokens of a job go in their order`() {
        var order = FairOrder()
        let picked = order.pick([candidate(1, 4, from: 10), candidate(2, 4)], room: 8)
        #expect(picked.filter { $0.queue == 1 }.map(\.seq) == [10, 11, 12, 13])
    }
}

struct PrecedenceWatchTests {
    private let start = ContinuousClock.now

    private func window(_ sent: [(queue: Int32, count: Int, at: Duration)]) -> DispatchWindow {
        var window = DispatchWindow(size: 100)
        var seq: Int64 = 0
        for (queue, count, at) in sent {
            let tokens = (0..<count).map { _ in
                seq += 1
                return ReadyToken(epoch: 1, queue: queue, seq: seq, task: seq)
            }
            window.markSent(tokens, at: start + at)
        }
        return window
    }

    private func decide(_ window: DispatchWindow, priorities: [Int], isHeldBack: [Bool] = [false, false]) -> [Bool] {
        var watch = PrecedenceWatch()
        let standings = zip(priorities, isHeldBack).enumerated().map { PrecedenceWatch.Standing(queue: Int32($0 + 1), priority: $1.0, isHeldBack: $1.1) }
        return [5.0, 5.5, 5.9].map { watch.mustWithdraw(standings, from: window, at: start + .seconds($0)) }
    }

    @Test func `a job that is raised does not wait behind what was sent before it`() {
        #expect(decide(window([(1, 50, .zero), (2, 50, .zero)]), priorities: [0, 5]) == [false, false, false])
        #expect(decide(window([(1, 50, .zero), (2, 10, .seconds(1))]), priorities: [0, 5]) == [false, false, true])
        #expect(decide(window([(1, 100, .zero)]), priorities: [0, 5], isHeldBack: [true, true]) == [false, false, true])
    }

    @Test func `a new equal does not wait behind a whole window`() {
        #expect(decide(window([(1, 100, .zero)]), priorities: [0, 0], isHeldBack: [true, true]) == [false, false, true])
        #expect(decide(window([(1, 90, .zero), (2, 10, .seconds(1))]), priorities: [0, 0]) == [false, false, true])
    }

    @Test func `equals that take turns are left alone`() {
        let turns = (0..<40).map { (queue: Int32($0 % 2 + 1), count: 1, at: Duration.milliseconds($0 * 500)) }
        #expect(decide(window(turns), priorities: [0, 0], isHeldBack: [true, true]) == [false, false, false])
    }

    @Test func `a lower job waits as long as it has to`() {
        #expect(decide(window([(2, 90, .zero), (1, 10, .seconds(1))]), priorities: [0, 5], isHeldBack: [true, false]) == [false, false, false])
    }

    @Test func `quick stages are left alone`() {
        var watch = PrecedenceWatch()
        let standings = [PrecedenceWatch.Standing(queue: 1, priority: 0, isHeldBack: true), PrecedenceWatch.Standing(queue: 2, priority: 0, isHeldBack: true)]
        // In the way at every other look: it goes by.
        for look in 0..<20 {
            let sent: [(queue: Int32, count: Int, at: Duration)] = look % 2 == 0 ? [(1, 100, .zero)] : [(1, 50, .zero), (2, 50, .zero)]
            let withdraws = watch.mustWithdraw(standings, from: window(sent), at: start + .milliseconds(500 * look))
            #expect(!withdraws)
        }
    }
}

struct LimitWatchTests {
    private func queue(_ job: Int64 = 1, limit: Int? = nil, rate: Double? = nil) -> OpenQueue {
        OpenQueue(id: Int32(job), stage: "audio", version: 1, lane: .bulk, job: JobID(rawValue: job), jobLimit: limit, stageRate: rate)
    }

    @Test func `new and lower limits are noticed once, higher ones never`() {
        var watch = LimitWatch()
        #expect(watch.adopt([queue()]) == LimitWatch.Tightened())
        #expect(watch.adopt([queue(limit: 4, rate: 10)]) == LimitWatch.Tightened(stages: ["audio"], jobs: [JobID(rawValue: 1)]))
        #expect(watch.adopt([queue(limit: 4, rate: 10)]) == LimitWatch.Tightened())
        #expect(watch.adopt([queue(limit: 3, rate: 5)]) == LimitWatch.Tightened(stages: ["audio"], jobs: [JobID(rawValue: 1)]))
        #expect(watch.adopt([queue(limit: 8, rate: 50)]) == LimitWatch.Tightened())
        #expect(watch.adopt([queue()]) == LimitWatch.Tightened())
    }

    /// What an earlier coordinator sent is not known.
    @Test func `a coordinator that starts calls back what is out under a limit`() {
        var watch = LimitWatch()
        #expect(watch.adopt([queue(limit: 4), queue(2)]) == LimitWatch.Tightened(jobs: [JobID(rawValue: 1)]))
    }
}
