import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

extension FleetFaults.OnSharedServers {
    /// kill -9 of a worker at each place on a batch's way.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct WorkerKillTests {
        private static let clips = Chaos.size(150, whole: 2_000)

        /// A worker of one stage and one slot, so that at the third passage nothing of it is anywhere else.
        private func killedWorker(_ fleet: FaultFleet, at point: FaultPoint) async throws {
            let worker = try fleet.startWorker("victim") {
                $0.stages = [.root]
                $0.slots = 1
                $0.fault = ProcessFault(.kill, at: point, passage: 3)
            }
            #expect(try await worker.end() == .killed(by: SIGKILL))
            fleet.injected()
        }

        @Test func `a worker killed before it claims has taken nothing along`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                try await killedWorker(fleet, at: .beforeClaim)
                #expect(try await fleet.ledger.counts().running == 0)
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }

        @Test func `what a worker killed in the middle of its work held is run again`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(120))])
                let worker = try fleet.startWorker("victim")
                // It sleeps in the stage's own code.
                try await eventually("work on 'left' has begun") { try await fleet.running(.left) > 0 }
                worker.send(SIGKILL)
                fleet.injected()
                #expect(try await worker.end() == .killed(by: SIGKILL))
                #expect(try await fleet.ledger.counts().running > 0)
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }

        @Test func `what a worker killed before its commit had worked out is worked out again`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                try await killedWorker(fleet, at: .beforeSettle)
                #expect(try await fleet.ledger.counts().running > 0)
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
                // One batch, and none of the two before it.
                #expect((1...fleet.scope.batch).contains(fleet.executions.runs().values.reduce(0) { $0 + $1 - 1 }))
            }
        }

        @Test func `a worker killed inside its settling transaction leaves nothing of it`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                let worker = try await fleet.pool.withTransaction { transaction in
                    // The last table that a settlement writes to.
                    try await transaction.execute("LOCK TABLE progress_delta IN EXCLUSIVE MODE")
                    let worker = try fleet.startWorker("victim") { $0.stages = [.root] }
                    try await eventually("a settlement waits inside its transaction") {
                        try await fleet.pool.queryOne("""
                            SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                            WHERE NOT l.granted AND l.relation = 'progress_delta'::regclass AND a.application_name = 'fault worker'
                            """).int(0) > 0
                    }
                    worker.send(SIGKILL)
                    try await worker.end()
                    return worker
                }
                fleet.injected()
                #expect(worker.ending == .killed(by: SIGKILL))
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }

        @Test func `what a worker killed between commit and acknowledgement had settled is not done again`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                try await killedWorker(fleet, at: .beforeAcknowledge)
                // A batch is what has arrived, and may be less than full.
                #expect((3...3 * fleet.scope.batch).contains(try await fleet.done(job)))
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }
    }
}
