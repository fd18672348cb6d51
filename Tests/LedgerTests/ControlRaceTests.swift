import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// What people do one after the other, and workers that were away meanwhile.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct ControlRaceTests {
    private static let broken = FleetError("media.broken", "it is broken")

    @Test func whatIsRetriedInAPausedJobRunsWhenItIsResumed() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.settle(try await fixture.claim("audio")) { _ in .failed(Self.broken) }
            try await fixture.ledger.pause(job)
            #expect(try await fixture.ledger.retryFailures(FailureFilter()) == 3)
            #expect(try await fixture.claim("audio").isEmpty)
            try await fixture.ledger.resume(job)
            #expect(try await fixture.claim("audio").count == 3)
            try await fixture.expectSound()
        }
    }

    @Test func whatNobodyWantsAnyMoreIsNotRetried() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.settle(try await fixture.claim("audio")) { _ in .failed(Self.broken) }
            try await fixture.ledger.cancel(job)
            #expect(try await fixture.ledger.retryFailures(FailureFilter(), dryRun: true) == 0)
            #expect(try await fixture.ledger.retryFailures(FailureFilter()) == 0)
            #expect(try await fixture.ledger.failureTotal(FailureFilter()) == 3)
        }
    }

    @Test func aPausedJobKeepsWhatItSharesWithACancelledOne() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 3)
            let second = try await fixture.job("second", clips: 3)
            try await fixture.ledger.pause(second)
            try await fixture.ledger.cancel(first)
            #expect(try await fixture.claim().isEmpty)
            try await fixture.ledger.resume(second)
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [second])
            try await fixture.expectSound()
        }
    }

    @Test func aJobPlannedWhilePausedHasWhatItReuses() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 3)
            try await fixture.ledger.cancel(first)
            let second = try await fixture.ledger.submit(JobRequest(name: "second", collection: "sample", graph: try Sample.diamond()))
            try await fixture.ledger.pause(second)
            _ = try await fixture.ledger.plan(second)
            try await fixture.ledger.resume(second)
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [second])
            try await fixture.expectSound()
        }
    }

    @Test func whatWasSentBeforeAPauseIsSentAgainAfterIt() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            let sent = try await fixture.tokens()
            try await fixture.ledger.pause(job)
            try await fixture.ledger.resume(job)
            let again = try await fixture.tokens()
            #expect(again.count == sent.count)
            #expect(Set(again.map(\.seq)).isDisjoint(with: sent.map(\.seq)))
        }
    }

    @Test func onlyWhoeverHoldsALeaseGivesItBack() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("audio")
            let other = try await fixture.ledger.register(LedgerFixture.registration())
            try await fixture.ledger.release(claims.map { LeaseRef($0) }, by: other)
            #expect(try await fixture.tokens("audio").isEmpty)
            #expect(try await fixture.settle(claims) == [.recorded, .recorded])
        }
    }

    /// Numbers of recipes are given out again after a restore.
    @Test func aWorkerThatOutlivesARestoreReadsRecipesAnew() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2, graph: try Sample.diamond(audio: #"{"max_s":1}"#))
            #expect(try await fixture.claim("audio", limit: 1).map(\.settings) == [#"{"max_s":1}"#])
            _ = try await fixture.pool.query(#"UPDATE recipe SET settings = '{"max_s":2}' WHERE settings = '{"max_s":1}'"#)
            _ = try await fixture.ledger.newEpoch()
            #expect(try await fixture.claim("audio").map(\.settings) == Array(repeating: #"{"max_s":2}"#, count: 2))
        }
    }

    @Test func leasesEndOnlyWhereWorkersHadTheChanceToExtendThem() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            _ = try await fixture.claim("audio", lease: .zero)
            let dead = try await fixture.ledger.register(LedgerFixture.registration())
            _ = try await fixture.ledger.claim(try await fixture.tokens("frames", limit: 1), by: dead, lease: .seconds(60))
            #expect(try await fixture.ledger.sweep(endingLeasesUntil: .now - .seconds(1)).leasesEnded == 0)
            // A process that is gone extends nothing.
            try await fixture.ledger.presumeDead(dead)
            #expect(try await fixture.ledger.sweep(endingLeasesUntil: .now - .seconds(1)).leasesEnded == 1)
            #expect(try await fixture.ledger.sweep(endingLeasesUntil: .now + .seconds(60)).leasesEnded == 2)
        }
    }

    @Test func readyTokensOfManyQueuesComeWithOneQuestion() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            let queues = try await fixture.ledger.openQueues().map(\.id)
            let tokens = try await fixture.ledger.ready(in: queues, limit: 2)
            #expect(tokens.count == 2 && tokens.values.allSatisfy { $0.count == 2 })
            for (queue, tokens) in tokens { #expect(try await fixture.ledger.ready(in: queue, after: 0, limit: 2) == tokens) }
        }
    }

    @Test func jobsShareWidePartitions() async throws {
        try await LedgerFixture.with(migrate: false) { fixture in
            // A ledger of the time when a partition held a hundred jobs.
            _ = try await Ledger(pool: fixture.pool, migrations: Array(Migration.all.prefix(4))).migrate()
            _ = try await fixture.pool.query("SELECT ensure_job_partition(1), ensure_job_partition(250)")
            _ = try await fixture.ledger.migrate()
            let partitions = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^job_clip_w?[0-9]+$'"
            for (last, expected) in [(120, "job_clip_0 job_clip_100 job_clip_200"), (299, "job_clip_0 job_clip_100 job_clip_200 job_clip_w300"),
                                     (9_998, "job_clip_0 job_clip_100 job_clip_200 job_clip_w300"),
                                     (9_999, "job_clip_0 job_clip_100 job_clip_200 job_clip_w10000 job_clip_w300")] {
                _ = try await fixture.pool.query("SELECT setval(pg_get_serial_sequence('job', 'id'), \(last))")
                let job = try await fixture.job("job-\(last)", clips: 2)
                #expect(job.rawValue == last + 1)
                #expect(try await fixture.pool.queryOne(partitions).text(0) == expected)
            }
            try await fixture.expectSound()
        }
    }

    @Test func oldWorkersAndActionsAreForgotten() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.ledger.register(LedgerFixture.registration())
            try await fixture.ledger.pause(stage: "audio")
            _ = try await fixture.job(clips: 1)
            _ = try await fixture.claim("frames")
            _ = try await fixture.pool.query("UPDATE worker SET seen_at = now() - interval '1000 days'")
            try await fixture.ledger.tendPartitions()
            // One still holds a lease, which has to end first.
            #expect(try await fixture.ledger.workers().map(\.id) == [fixture.worker])
            #expect(try await fixture.number("SELECT count(*) FROM audit") == 1)
            _ = try await fixture.pool.query("UPDATE audit SET at = now() - interval '1000 days'")
            try await fixture.ledger.tendPartitions()
            #expect(try await fixture.number("SELECT count(*) FROM audit") == 0)
        }
    }
}
