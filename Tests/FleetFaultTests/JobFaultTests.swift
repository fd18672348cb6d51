import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

extension FleetFaults.OnSharedServers {
    /// What people do to a job that is half done, and to a fleet that is half upgraded.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct JobFaultTests {
        private static let clips = Chaos.size(400, whole: 100_000)
        private static let role = FaultRole.left
        private static let tasks = 2 * clips

        private func withHalfDone(_ body: @escaping @Sendable (FaultFleet, JobID) async throws -> Void) async throws {
            try await FaultFleet.with({ $0.batch = Chaos.size(16, whole: 256) }) { fleet in
                try fleet.startCoordinator()
                try fleet.startWorker { $0.leaseMilliseconds = 60_000 }
                let job = try await fleet.submit(clips: Self.clips, to: Self.role, settings: [.root: FaultSettings(work: .milliseconds(40))])
                try await eventually("half is done", within: .seconds(300)) { try await fleet.done(job) >= Self.tasks / 2 }
                try await body(fleet, job)
            }
        }

        /// Nothing is under way; and then how many are done.
        private func standstill(_ fleet: FaultFleet, _ job: JobID) async throws -> Int {
            try await eventually("what was running has ended", within: .seconds(20)) { try await fleet.ledger.counts().running == 0 }
            return try await fleet.results()
        }

        @Test func `a job that is paused at half stands still, and goes on where it stood`() async throws {
            try await withHalfDone { fleet, job in
                try await fleet.ledger.pause(job)
                let most = try await fleet.doneAndLeased()
                fleet.injected()
                let done = try await standstill(fleet, job)
                #expect(done <= most, "nothing begins after a pause")
                #expect(done < Self.tasks)
                // Several rounds of dispatcher and sweeper pass over it.
                let ticks = try await fleet.heartbeats()
                try await eventually("time goes by") { try await fleet.heartbeats() > ticks + 3 }
                #expect(try await fleet.results() == done)
                try await fleet.ledger.resume(job)
                try await fleet.expectWhole(job, clips: Self.clips, to: Self.role, within: .seconds(300))
                fleet.expectEachRanOnce(clips: Self.clips, to: Self.role)
            }
        }

        @Test func `a job that is cancelled at half ends there, and its results serve the next`() async throws {
            try await withHalfDone { fleet, job in
                try await fleet.ledger.cancel(job)
                let most = try await fleet.doneAndLeased()
                fleet.injected()
                let done = try await standstill(fleet, job)
                #expect(done <= most, "nothing begins after a cancellation")
                #expect(done < Self.tasks)
                #expect(try await fleet.ledger.job(job).summary.state == .cancelled)
                try await fleet.expectQueuesEmpty()
                // What a settlement made ready beside the cancellation, the next sweep clears.
                try await eventually("no token is left") { try await fleet.ledger.counts().ready == 0 }
                #expect(try await fleet.results() == done)
                let next = try await fleet.ledger.submit(JobRequest(name: "next", collection: "clip", graph: try fleet.graph(to: Self.role, settings: [.root: FaultSettings(work: .milliseconds(40))])))
                _ = try await fleet.ledger.plan(next)
                #expect(try await fleet.ledger.job(next).summary.reused == done)
                try await fleet.expectWhole(next, clips: Self.clips, to: Self.role, within: .seconds(300))
                fleet.expectEachRanOnce(clips: Self.clips, to: Self.role)
            }
        }

        @Test func `old and new workers side by side each run what is theirs, and a contraction ends the old`() async throws {
            try await FaultFleet.with { fleet in
                let clips = Chaos.size(100, whole: 5_000)
                var next = fleet.scope
                next.version = 2
                let upgraded = next
                try fleet.startCoordinator()
                let old = try fleet.startWorker("old")
                try fleet.startWorker("new") { $0.scope = upgraded; $0.knowsNextMigration = true }
                let first = try await fleet.submit(clips: clips)
                // The same clips under the next version of every stage.
                let second = try await fleet.ledger.submit(JobRequest(name: "second", collection: "clip", graph: try upgraded.catalogue().graph(of: [upgraded.stage(.join)])))
                _ = try await fleet.ledger.plan(second)
                for job in [first, second] { try await eventually("job \(job) is finished") { try await fleet.isFinished(job) } }
                try await fleet.expectEndings(first, clips: clips)
                try await fleet.expectEndings(second, clips: clips, version: 2)
                #expect(try await fleet.pool.queryOne("SELECT count(DISTINCT (r.worker, q.version)) FROM result r JOIN queue q ON q.id = r.queue").int(0) == 2)

                // The schema is contracted under a worker that does not know how: it stops by itself, and says why.
                _ = try await Ledger(pool: fleet.pool, migrations: Migration.all + [.next], logger: FaultFleet.quiet).migrate()
                fleet.injected()
                #expect(try await old.end(within: .seconds(30)) == .exited(1))
                #expect(old.log.contains("schema.too_new"))
                // Nor does it start again.
                #expect(try await fleet.startWorker("old-again").end(within: .seconds(30)) == .exited(1))
                try fleet.startWorker("new-of-old-stages") { $0.knowsNextMigration = true }
                let third = try await fleet.submit("third", clips: clips)
                try await fleet.expectWhole(third, "third", clips: clips)
            }
        }
    }
}

extension FaultFleet {
    func results() async throws -> Int { try await pool.queryOne("SELECT count(*) FROM result").int(0) }

    /// The most that can be done if nothing begins from now on: results, leases, and claims that had begun, of which each of two stages has two slots.
    func doneAndLeased() async throws -> Int {
        try await pool.queryOne("SELECT (SELECT count(*) FROM result) + (SELECT count(*) FROM running)").int(0) + 4 * scope.batch
    }

    /// A clock that only workers move.
    func heartbeats() async throws -> Int {
        try await pool.queryOne("SELECT COALESCE(sum(extract(epoch FROM seen_at) * 4)::bigint, 0) FROM worker").int(0)
    }
}
