import FleetModel
import Ledger
import PostgreSQL
import Testing

/// Waiting counts, filtered cascades, the audit (hazards 1, 4, 5).
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct FanInTests {
    /// Hazard 4: two upstreams of one task in one batch.
    @Test func twoUpstreamsSettledInOneBatchCountTwice() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            try await fixture.settle(try await fixture.claim("frames"))
            let claims = try await fixture.claim("captions") + (try await fixture.claim("audio"))
            try await fixture.settle(claims)
            #expect(try await fixture.tokens("description").count == 3)
            try await fixture.expectSound()
        }
    }

    /// Hazard 1: a settlement waits for a lock that a planner holds, which hangs a new task on what is being settled. Counting down in the same statement as the
    /// settlement would not see the new edge, and the new task would wait for ever.
    @Test func aTaskPlannedOnAnUpstreamThatIsBeingSettledIsCountedDown() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 1)
            let claims = try await fixture.claim("audio")
            let second = try await fixture.ledger.submit(JobRequest(name: "b", collection: "sample", graph: try Sample.diamond(description: "{\"v\":2}")))
            // The plan's transaction is held open after it locked the upstream: it waits to write its progress.
            let gate = try await Connection.open(fixture.configuration)
            let (planned, settled) = try await gate.transaction { blocker in
                try await blocker.execute("LOCK TABLE progress_delta IN EXCLUSIVE MODE")
                let planned = Task { try await fixture.ledger.plan(second) }
                try await fixture.waitUntil("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'progress_delta'::regclass", is: 1)
                let settled = Task { try await fixture.settle(claims) }
                try await fixture.waitUntil("""
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event <> 'relation'
                    """, is: 1)
                return (planned, settled)
            }
            #expect(try await planned.value.shared > 0)
            #expect(try await settled.value == [.recorded])
            await gate.close()
            try await fixture.expectSound()
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished.count == 2)
        }
    }

    @Test func filteredEndsAllThatDependsOnItAndNothingElse() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            let claims = try await fixture.claim("frames")
            try await fixture.settle(claims) { $0.task == claims[0].task ? .filtered(reason: "a still picture") : .completed("{}") }
            let status = try await fixture.ledger.job(job)
            #expect(status.stages.map(\.filtered) == status.stages.map { $0.stage == "audio" ? 0 : 1 })
            try await fixture.expectSound()
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [job])
            #expect(try await fixture.ledger.endings(of: job).count == 3)
            try await fixture.expectSound()
        }
    }

    /// Hazard 5: a dead task's dependents wait, derived as blocked; the job finishes; a retry reopens it.
    @Test func deadDoesNotCascadeAndARetryReopensTheJob() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("frames")
            try await fixture.settle(claims) { $0.task == claims[0].task ? .failed(FleetError("video.no_stream", "no picture in it")) : .completed("{}") }
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [job])
            var status = try await fixture.ledger.job(job)
            #expect(status.stages.map(\.blocked) == [0, 0, 1, 1])
            #expect(status.stages.allSatisfy { $0.waiting == 0 })
            let results = try await fixture.ledger.results(of: job)
            guard case .blocked(let by, let error) = results[0].stages["description"] else { Issue.record("\(results[0].stages)"); return }
            #expect(by == "frames" && error.code == "video.no_stream")

            #expect(try await fixture.ledger.retryFailures(FailureFilter(code: "video.no_stream"), dryRun: true) == 1)
            #expect(try await fixture.ledger.retryFailures(FailureFilter(code: "video.no_stream")) == 1)
            status = try await fixture.ledger.job(job)
            #expect(status.summary.state == .running && status.summary.dead == 0)
            try await fixture.expectSound()
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [job])
            #expect(try await fixture.ledger.job(job).summary.done == 8)
            try await fixture.expectSound()
        }
    }

    /// Hazard 4: what should never be is found and put right.
    @Test func theAuditRestoresLostReadyRowsAndWrongCounts() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.pool.execute("DELETE FROM ready WHERE q = (SELECT min(id) FROM queue)")
            try await fixture.pool.execute("UPDATE task SET waiting = waiting + 1 WHERE upstreams IS NOT NULL")
            #expect(try await fixture.ledger.check().count == 2)
            #expect(try await fixture.ledger.sweep().repaired > 0)
            try await fixture.expectSound()
            #expect(try await fixture.ledger.sweep().repaired == 0)
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [job])
        }
    }

    /// Only where a live subscription exists.
    @Test func theAuditLeavesTasksAloneThatNobodyWants() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.ledger.cancel(job)
            #expect(try await fixture.ledger.counts().ready == 0)
            #expect(try await fixture.ledger.sweep().repaired == 0)
            #expect(try await fixture.ledger.counts().ready == 0)
            try await fixture.expectSound()
        }
    }
}
