import FleetModel
import Ledger
import PostgreSQL
import Testing

/// Claims, leases, fences, strikes (hazards 2, 3, 7, 9, 12).
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct LeaseTests {
    @Test func aTokenIsClaimedOnceHoweverOftenItIsDelivered() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 20)
            let tokens = try await fixture.tokens("audio")
            let claims = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await fixture.ledger.claim(tokens.shuffled() + tokens.prefix(3), by: fixture.worker, lease: .seconds(60)).count }
                }
                return try await group.reduce(0, +)
            }
            #expect(claims == 20)
            try await fixture.expectSound()
        }
    }

    /// Hazard 9: a restore rewinds sequences, so all four parts of a token must match.
    @Test func aTokenOfAnotherEpochOrTaskIsRefused() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            let old = try await fixture.tokens("audio")
            var wrong = old[0]
            wrong.task += 1
            #expect(try await fixture.ledger.claim([wrong], by: fixture.worker, lease: .seconds(60)).isEmpty)
            let held = try await fixture.claim("frames")
            let epoch = try await fixture.ledger.newEpoch()
            #expect(try await fixture.ledger.epoch() == epoch)
            #expect(try await fixture.ledger.claim(old, by: fixture.worker, lease: .seconds(60)).isEmpty)
            // Leases of the old life are given back, and their late settlement is refused.
            #expect(try await fixture.settle(held) == [.refused, .refused])
            #expect(try await fixture.claim().count == 4)
            let cursor = EventCursor(epoch: epoch - 1, transaction: 0, id: 0)
            let error = await #expect(throws: FleetError.self) { try await fixture.ledger.events(after: cursor) }
            #expect(error?.code == "event.epoch")
        }
    }

    /// Hazard 2: a row may be committed with a smaller number than one that was read already.
    @Test func aRowCommittedLateIsFoundByTheRescanFromTheHead() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            let queue = try #require(try await fixture.ledger.openQueues().first { $0.stage == "audio" })
            let all = try await fixture.ledger.ready(in: queue.id, after: 0, limit: 10)
            // The first row is taken out and comes back, by a transaction that took its number long ago.
            let late = try await fixture.pool.queryOne("DELETE FROM ready WHERE q = $1 AND seq = $2 RETURNING task", [.int32(queue.id), .int64(all[0].seq)]).int64(0)
            let cursor = try #require(try await fixture.ledger.ready(in: queue.id, after: 0, limit: 10).last).seq
            try await fixture.pool.execute("INSERT INTO ready (q, seq, task) VALUES ($1, $2, $3)", [.int32(queue.id), .int64(all[0].seq), .int64(late)])
            #expect(try await fixture.ledger.ready(in: queue.id, after: cursor, limit: 10).isEmpty)
            #expect(try await fixture.ledger.ready(in: queue.id, after: 0, limit: 10) == all)
        }
    }

    @Test func aWorkerKnownToBeDeadLosesItsLeasesWithTheNextSweep() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            let held = try await fixture.claim("audio")
            try await fixture.ledger.presumeDead(fixture.worker)
            #expect(try await fixture.ledger.sweep().leasesEnded == held.count)
            // It lives after all: the fence refuses what it settles, and it has to register again.
            #expect(try await fixture.settle(held) == held.map { _ in .refused })
            #expect(try await fixture.ledger.heartbeat(fixture.worker, consuming: true, holding: held.map { LeaseRef($0) }, lease: .seconds(60)) == .unknown)
            try await fixture.expectSound()
        }
    }

    @Test func aSettlementAfterTheLeaseEndedIsRefused() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            let stalled = try await fixture.claim("audio", lease: .zero)
            #expect(try await fixture.ledger.sweep().leasesEnded == 2)
            let others = try await fixture.claim("audio")
            #expect(others.map(\.task) == stalled.map(\.task))
            #expect(try await fixture.settle(stalled) { _ in .completed("\"late\"") } == [.refused, .refused])
            #expect(try await fixture.settle(others) == [.recorded, .recorded])
            #expect(try await fixture.settle(others) == [.refused, .refused])
            #expect(try await fixture.number("SELECT count(*) FROM result WHERE output = '\"late\"'") == 0)
            try await fixture.expectSound()
        }
    }

    /// Hazard 12: the heartbeat extends the whole claimed batch, started or not.
    @Test func aHeartbeatExtendsEveryLeaseOfItsWorker() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            let claims = try await fixture.claim(lease: .zero)
            try await fixture.ledger.markStarted([LeaseRef(claims[0])], by: fixture.worker)
            #expect(try await fixture.ledger.heartbeat(fixture.worker, consuming: true, holding: claims.map { LeaseRef($0) }, lease: .seconds(60)) == .carryOn)
            #expect(try await fixture.ledger.sweep().leasesEnded == 0)
            try await fixture.ledger.requestDrain(fixture.worker)
            #expect(try await fixture.ledger.heartbeat(fixture.worker, consuming: true, holding: claims.map { LeaseRef($0) }, lease: .seconds(60)) == .drain)
            let status = try #require(try await fixture.ledger.workers().first)
            #expect(status.isDraining && status.isConsuming && status.leases == 6)
            try await fixture.ledger.deregister(fixture.worker)
            #expect(try await fixture.ledger.heartbeat(fixture.worker, consuming: true, holding: claims.map { LeaseRef($0) }, lease: .seconds(60)) == .unknown)
            #expect(try await fixture.tokens().count == 6)
            #expect(try await fixture.ledger.workers(seenWithin: .seconds(60)).isEmpty)
        }
    }

    /// A claim whose answer was lost is at nobody's hand: no heartbeat may keep it.
    @Test func aHeartbeatLetsALeaseThatItDoesNotNameRunOut() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("audio", lease: .zero)
            _ = try await fixture.ledger.heartbeat(fixture.worker, consuming: true, holding: [LeaseRef(claims[0])], lease: .seconds(60))
            #expect(try await fixture.ledger.sweep().leasesEnded == 1)
            #expect(try await fixture.tokens("audio").map(\.task) == [claims[1].task])
        }
    }

    /// Hazard 12: only what was started takes a strike.
    @Test func aTaskThatKillsItsWorkersIsQuarantinedAndItsNeighboursAreNot() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            var culprit: Int64 = 0
            for strike in 0..<3 {
                let claims = try await fixture.claim("audio", lease: .zero)
                #expect(claims.count == 3)
                culprit = claims[0].task
                #expect(claims.map(\.strikes) == [strike, 0, 0])
                try await fixture.ledger.markStarted([LeaseRef(claims[0])], by: fixture.worker)
                let report = try await fixture.ledger.sweep()
                #expect(report.leasesEnded == 3 && report.quarantined == (strike == 2 ? 1 : 0))
            }
            let failures = try await fixture.ledger.failures(FailureFilter(code: .quarantined))
            #expect(failures.map(\.task) == [culprit])
            #expect(failures.first?.strikes == 3)
            #expect(try await fixture.ledger.attempts(of: culprit).count == 3)
            #expect(try await fixture.claim("audio").count == 2)
            #expect(try await fixture.ledger.job(job).stages[0].dead == 1)
            try await fixture.expectSound()
        }
    }

    /// Hazard 12: where anything is waited for between claim and start, nothing may count as started.
    @Test func onlyABatchThatBeginsAtOnceIsClaimedAsStarted() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            func claim(_ tokens: [ReadyToken], starting: Bool = true, lease: Duration = .seconds(60)) async throws -> [Claim] {
                try await fixture.ledger.claim(tokens, by: fixture.worker, lease: lease, starting: starting)
            }
            func startedRows() async throws -> Int { try await fixture.number("SELECT count(*) FROM running WHERE started") }

            let mixed = try await claim(try await fixture.tokens())
            #expect(Set(mixed.map(\.stage)).count == 2 && mixed.allSatisfy { !$0.isStarted })
            #expect(try await startedRows() == 0)
            try await fixture.ledger.release(mixed.map { LeaseRef($0) }, by: fixture.worker)

            let unasked = try await claim(try await fixture.tokens("audio"), starting: false)
            #expect(unasked.count == 3 && unasked.allSatisfy { !$0.isStarted })
            try await fixture.ledger.release(unasked.map { LeaseRef($0) }, by: fixture.worker)

            let begun = try await claim(Array(try await fixture.tokens("audio").prefix(1)), lease: .zero)
            #expect(begun.count == 1 && begun.allSatisfy(\.isStarted))
            #expect(try await startedRows() == 1)
            #expect(try await fixture.ledger.sweep().leasesEnded == 1)

            // One of them is under suspicion now: it runs alone, and later.
            let suspected = try await claim(try await fixture.tokens("audio"))
            #expect(suspected.map(\.strikes).sorted() == [0, 0, 1] && suspected.allSatisfy { !$0.isStarted })
            #expect(try await startedRows() == 0)
            try await fixture.expectSound()
        }
    }

    @Test func releasedTasksAreReadyUnderNewTokensWithoutAStrike() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            let old = try await fixture.tokens("audio")
            let claims = try await fixture.claim("audio")
            try await fixture.ledger.markStarted(claims.map { LeaseRef($0) }, by: fixture.worker)
            try await fixture.ledger.release(claims.map { LeaseRef($0) }, by: fixture.worker)
            #expect(try await fixture.ledger.claim(old, by: fixture.worker, lease: .seconds(60)).isEmpty)
            let again = try await fixture.claim("audio")
            #expect(again.count == 2 && again.allSatisfy { $0.strikes == 0 && $0.attempt == 0 })
            try await fixture.expectSound()
        }
    }

    /// Hazard 7: every claim checks that this program is new enough for the schema.
    @Test func aProgramThatIsTooOldForTheSchemaClaimsNothing() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 1)
            try await fixture.pool.execute("UPDATE ledger_state SET minimum_client = $1", [.int(Ledger.schemaVersion + 1)])
            #expect(try await fixture.claim().isEmpty)
        }
    }

    /// Hazard 7: another version of a stage is another queue.
    @Test func stageVersionsHaveQueuesOfTheirOwn() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 1, graph: try StageGraph([Sample.plan("audio", version: 1, reads: [.audio])]))
            let job = try await fixture.ledger.submit(JobRequest(name: "v2", collection: "sample", graph: try StageGraph([Sample.plan("audio", version: 2, reads: [.audio])])))
            _ = try await fixture.ledger.plan(job)
            let queues = try await fixture.ledger.openQueues()
            #expect(queues.map(\.version) == [1, 2])
            for queue in queues { #expect(try await fixture.ledger.ready(in: queue.id, after: 0, limit: 10).count == 1) }
        }
    }

    /// Hazard 3: settlements in any order, of stages that feed each other, with planners and sweepers between: deadlocks, if any, are run again.
    @Test func unorderedBatchesFromManyWorkersAllEnd() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 120)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while true {
                            let tokens = try await fixture.tokens().shuffled()
                            let claims = try await fixture.ledger.claim(Array(tokens.prefix(50)), by: fixture.worker, lease: .seconds(60))
                            if claims.isEmpty {
                                if try await fixture.ledger.counts().open == 0 { return }
                                continue
                            }
                            try await fixture.settle(claims.shuffled())
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.expectSound()
        }
    }
}
