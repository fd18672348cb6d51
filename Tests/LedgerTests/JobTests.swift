import FleetModel
import Ledger
import PostgreSQL
import Testing

/// Subscriptions, lanes, pause and cancel (hazards 6, 16), failures, deferrals, splits, events, leaders.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct JobTests {
    /// Hazard 6: a task runs in the best lane of its live subscribers, and its old message finds no token.
    @Test func aStreamJobPromotesTheTasksItShares() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job("bulk", clips: 4)
            let old = try await fixture.tokens()
            let stream = try await fixture.ledger.submit(JobRequest(name: "stream", collection: "sample", lane: .stream, graph: try Sample.diamond(), keys: ["clip-000001"]))
            #expect(try await fixture.ledger.plan(stream).shared == 4)
            let lanes = try await fixture.ledger.openQueues().filter { $0.lane == .stream }
            #expect(lanes.count == 4)
            var promoted: [ReadyToken] = []
            for queue in lanes { promoted += try await fixture.ledger.ready(in: queue.id, after: 0, limit: 10) }
            #expect(promoted.count == 2)
            #expect(try await fixture.ledger.claim(old, by: fixture.worker, lease: .seconds(60)).count == 6)
            let claims = try await fixture.ledger.claim(promoted, by: fixture.worker, lease: .seconds(60))
            #expect(Set(claims.map(\.clip.id)) == ["clip-000001"])
            try await fixture.settle(claims)
            #expect(try await fixture.ledger.job(stream).summary.done == 2)
            // What follows travels in the stream lane too, and its cost is the stream job's.
            #expect(try await fixture.tokens("captions").allSatisfy { token in lanes.contains { $0.id == token.queue } })
            #expect(try await fixture.number("SELECT count(DISTINCT q.job) FROM result r JOIN queue q ON q.id = r.queue WHERE q.job = $1", [.int64(stream.rawValue)]) == 1)
            try await fixture.expectSound()
        }
    }

    /// Hazard 6: pausing or cancelling one job takes nothing from another that shares its tasks.
    @Test(arguments: [true, false]) func aPausedOrCancelledJobTakesNothingFromOthers(cancels: Bool) async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 3)
            let old = try await fixture.tokens()
            let second = try await fixture.ledger.submit(JobRequest(name: "second", collection: "sample", graph: try Sample.diamond(), keys: ["clip-000000"]))
            _ = try await fixture.ledger.plan(second)
            if cancels { try await fixture.ledger.cancel(first) } else { try await fixture.ledger.pause(first) }
            #expect(try await fixture.ledger.claim(old, by: fixture.worker, lease: .seconds(60)).isEmpty)
            try await fixture.drain()
            let finished = try await fixture.ledger.sweep().finished
            #expect(finished == [second])
            #expect(try await fixture.ledger.job(second).summary.done == 4)
            #expect(try await fixture.ledger.job(first).summary.done == 4)
            if cancels {
                let error = await #expect(throws: FleetError.self) { try await fixture.ledger.resume(first) }
                #expect(error?.code == "job.cancelled")
                #expect(try await fixture.ledger.counts() == LedgerCounts(ready: 0, running: 0, delayed: 0, open: 8))
            } else {
                try await fixture.ledger.resume(first)
                try await fixture.drain()
                #expect(try await fixture.ledger.sweep().finished == [first])
            }
            try await fixture.expectSound()
        }
    }

    /// Hazard 6: what a cancelled job left open runs for a job that comes later.
    @Test func aLaterJobTakesUpWhatACancelledOneLeft() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 3)
            let held = try await fixture.claim("audio")
            try await fixture.ledger.cancel(first)
            #expect(try await fixture.settle(held) == [.recorded, .recorded, .recorded])
            let second = try await fixture.ledger.submit(JobRequest(name: "second", collection: "sample", graph: try Sample.diamond()))
            let report = try await fixture.ledger.plan(second)
            #expect(report.reused == 3 && report.shared == 9)
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [second])
            try await fixture.expectSound()
        }
    }

    /// Hazard 16: never closed while planning, though all that is planned has ended.
    @Test func aJobIsNotFinishedWhileItIsPlanned() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            try await fixture.pool.execute("UPDATE job SET planned_at = NULL, state = 0")
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [])
            #expect(try await fixture.ledger.unplannedJobs() == [job])
            _ = try await fixture.ledger.plan(job)
            #expect(try await fixture.ledger.sweep().finished == [job])
        }
    }

    /// Hazard 16: folding changes no figure.
    @Test func countsAreExactFoldedOrNot() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 6)
            try await fixture.settle(try await fixture.claim("audio", limit: 4))
            let before = try await fixture.ledger.job(job).stages
            #expect(before.first == StageCounts(stage: "audio", version: 1, total: 6, waiting: 0, ready: 2, running: 0, delayed: 0, done: 4, reused: 0, filtered: 0,
                                                dead: 0, blocked: 0))
            #expect(try await fixture.number("SELECT count(*) FROM progress_delta") > 0)
            try await fixture.ledger.foldProgress()
            #expect(try await fixture.number("SELECT count(*) FROM progress_delta") == 0)
            #expect(try await fixture.ledger.job(job).stages == before)
        }
    }

    @Test func deferredCountsNoAttemptAndAFailureComesBackWhenDue() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("audio")
            try await fixture.settle([claims[0]]) { _ in .deferred(by: .zero, reason: "the lane is full") }
            try await fixture.settle([claims[1]], { _ in .failed(FleetError("llm.busy", "busy", isRetriable: true)) }, retryAfter: .zero)
            #expect(try await fixture.ledger.job(job).stages[0].delayed == 2)
            #expect(try await fixture.ledger.sweep().due == 2)
            #expect(try await fixture.claim("audio").map(\.attempt) == [0, 1])
            #expect(try await fixture.ledger.attempts(of: claims[1].task).map(\.error.code) == ["llm.busy"])
            #expect(try await fixture.ledger.attempts(of: claims[0].task).isEmpty)
            try await fixture.expectSound()
        }
    }

    @Test func whatMostDelayedTasksOfAJobWaitForIsTold() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3), other = try await fixture.job("other", clips: 4)
            #expect(try await fixture.ledger.commonestDelay(of: job) == nil)
            let claims = try await fixture.claim("audio")
            try await fixture.settle(claims) { .deferred(by: .seconds(60), reason: $0.clip.id == claims[0].clip.id ? "the lane is full" : "every endpoint rests") }
            #expect(try await fixture.ledger.commonestDelay(of: other) == JobDelay(stage: "audio", reason: "every endpoint rests", tasks: 3))
            #expect(try await fixture.ledger.commonestDelay(of: job) == JobDelay(stage: "audio", reason: "every endpoint rests", tasks: 2))
        }
    }

    @Test func failuresAreCountedPagedDiscardedAndRetriedByFilter() async throws {
        var policy = LedgerPolicy()
        policy.sweepBatch = 3
        try await LedgerFixture.with(policy: policy) { fixture in
            let job = try await fixture.job(clips: 10)
            try await fixture.settle(try await fixture.claim("audio")) { .failed(FleetError("audio.broken", "cannot read \($0.clip.id)\0")) }
            try await fixture.settle(try await fixture.claim("frames")) { _ in .failed(FleetError("video.broken", "no picture")) }
            let ledger = fixture.ledger
            #expect(try await ledger.failureCounts(FailureFilter(job: job)).map(\.count) == [10, 10])
            var pages: [Failure] = []
            while true {
                let page = try await ledger.failures(FailureFilter(stage: "audio"), after: pages.last?.task, limit: 4)
                if page.isEmpty { break }
                pages += page
            }
            #expect(pages.count == 10 && Set(pages.map(\.clipKey)).count == 10)
            #expect(try await ledger.discardFailures(FailureFilter(code: "video.broken"), dryRun: true) == 10)
            #expect(try await ledger.discardFailures(FailureFilter(code: "video.broken")) == 10)
            #expect(try await ledger.failureCounts(FailureFilter()).map(\.code) == ["audio.broken"])
            #expect(try await ledger.retryFailures(FailureFilter()) == 10)
            #expect(try await ledger.failures(FailureFilter(discarded: .included)).count == 10)
            #expect(try await fixture.claim("audio").count == 10)
            try await fixture.expectSound()
        }
    }

    /// Hazard 17: one clip that dies later must not reshuffle the others.
    @Test func theFirstSplitIsPinned() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            #expect(try await fixture.ledger.split(of: job) == nil)
            let pinned = ["clip-000000": "train", "clip-000001": "test"]
            #expect(try await fixture.ledger.pinSplit(job, pinned) == pinned)
            #expect(try await fixture.ledger.pinSplit(job, ["clip-000000": "test"]) == pinned)
            #expect(try await fixture.ledger.split(of: job) == pinned)
        }
    }

    /// Hazard 17: text in, the same bytes out, with the digests of what was consumed.
    @Test func outputsAreKeptByteForByte() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1)
            let text = "{\"z\":1.50,\"a\":[1e3,\"\\u0000é\"]}"
            try await fixture.settle(try await fixture.claim("frames")) { _ in .completed(text) }
            #expect(try await fixture.claim("captions").first?.upstream["frames"] == text)
            guard case .done(let output, _) = try await fixture.ledger.results(of: job).first?.stages["frames"] else { Issue.record("no result"); return }
            #expect(output == text)
            let digest = try await fixture.pool.queryOne("SELECT digest FROM result").bytea(0)
            #expect(digest == Digest.of(text).bytes)
        }
    }

    /// Hazard 11: an open writing transaction holds the stream back, visibly, and no event is lost behind a cursor.
    @Test func eventsAreReadBelowTheOldestOpenTransaction() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 4)
            try await fixture.settle(try await fixture.claim("audio", limit: 1))
            let first = try await fixture.events(of: job, after: nil, count: 1)
            #expect(first.events.map(\.tasks.count) == [1])
            let blocker = try await Connection.open(fixture.configuration)
            let held = try await blocker.transaction { transaction in
                try await transaction.execute("INSERT INTO event (job, stage, state, tasks) SELECT $1, min(id), 3, '{}' FROM stage", [.int64(job.rawValue)])
                try await fixture.settle(try await fixture.claim("audio", limit: 1))
                return try await fixture.ledger.events(after: first.next, job: job)
            }
            await blocker.close()
            #expect(held.events.isEmpty && held.lag > .zero)
            #expect(try await fixture.events(of: job, after: held.next, count: 2).events.map(\.tasks.count) == [0, 1])
        }
    }

    /// Hazard 14: the lead ends with its lease, on the database's clock.
    @Test func theLeadPassesOnWhenItsLeaseEnds() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            let (a, b) = (LedgerFixture.registration().incarnation, LedgerFixture.registration().incarnation)
            let term = try #require(try await ledger.acquireLeadership(a, lease: .seconds(60)))
            #expect(try await ledger.acquireLeadership(a, lease: .seconds(60)) == term)
            #expect(try await ledger.acquireLeadership(b, lease: .seconds(60)) == nil)
            #expect(try await ledger.acquireLeadership(a, lease: .zero) == term)
            let next = try #require(try await ledger.acquireLeadership(b, lease: .seconds(60)))
            #expect(next.epoch == term.epoch + 1)
            try await ledger.resignLeadership(term)
            #expect(try await ledger.acquireLeadership(a, lease: .seconds(60)) == nil)
            try await ledger.resignLeadership(next)
            #expect(try await ledger.acquireLeadership(a, lease: .seconds(60))?.epoch == next.epoch + 1)
        }
    }

    @Test func whatIsUnknownIsNamed() async throws {
        try await LedgerFixture.with { fixture in
            for action in [{ _ = try await fixture.ledger.job(JobID(rawValue: 99)) }, { _ = try await fixture.ledger.plan(JobID(rawValue: 99)) },
                           { try await fixture.ledger.pause(JobID(rawValue: 99)) }] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: FleetError.self) { try await action() }
                #expect(error?.code == "job.unknown")
            }
        }
    }
}

extension LedgerFixture {
    /// The page once it has this many events: other databases of the server hold it back as well.
    fileprivate func events(of job: JobID, after cursor: EventCursor?, count: Int) async throws -> EventPage {
        let limit = ContinuousClock.now + .seconds(30)
        while true {
            let page = try await ledger.events(after: cursor, job: job)
            if page.events.count >= count || ContinuousClock.now > limit { return page }
            await Task.yield()
        }
    }
}
