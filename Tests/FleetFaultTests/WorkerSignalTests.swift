import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

extension FleetFaults.OnSharedServers {
    /// Signals that a worker may live through, and a clock that goes wrong.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct WorkerSignalTests {
        private static let clips = Chaos.size(200, whole: 4_000)

        @Test func `a worker under load heeds SIGTERM in its grace time, and nothing that it finished is done again`() async throws {
            try await FaultFleet.with { fleet in
                let rounds = Chaos.size(2, whole: 8)
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.root: FaultSettings(work: .milliseconds(30)), .join: FaultSettings(work: .milliseconds(30))])
                for round in 1...rounds {
                    let worker = try fleet.startWorker("worker-\(round)")
                    try await eventually("a part is done") { try await fleet.done(job) > 4 * Self.clips * round / (rounds + 1) }
                    worker.send(SIGTERM)
                    fleet.injected()
                    // Its grace time is 20 seconds; a batch takes a fraction of one.
                    #expect(try await worker.end(within: .seconds(20)) == .exited(0))
                    #expect(try await fleet.ledger.counts().running == 0)
                }
                try fleet.startWorker("last")
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
                // No token was given out a second time: nothing was even given back.
                #expect(try await fleet.tokensGiven() == 4 * Self.clips)
            }
        }

        @Test func `past its grace time a worker gives back what it holds, and ends`() async throws {
            try await FaultFleet.with({ $0.batch = 1 }) { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: 20, settings: [.left: FaultSettings(work: .milliseconds(1_500))])
                let worker = try fleet.startWorker("victim") { $0.graceMilliseconds = 200 }
                try await eventually("it works") { try await fleet.running(.left) == 2 }
                worker.send(SIGTERM)
                fleet.injected()
                #expect(try await worker.end(within: .seconds(20)) == .exited(0))
                let counts = try await fleet.ledger.counts()
                #expect(counts.running == 0 && counts.delayed + counts.ready > 0, "\(counts)")
                try fleet.startWorker { $0.slots = 20 }
                try await fleet.expectWhole(job, clips: 20)
            }
        }

        @Test func `what a worker settles that slept past its lease is refused`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                let sleeper = try fleet.startWorker("sleeper") {
                    $0.stages = [.root]
                    $0.slots = 1
                    $0.leaseMilliseconds = 1_500
                    $0.fault = ProcessFault(.stop, at: .beforeSettle, passage: 2)
                }
                try await eventually("it sleeps") { sleeper.isStopped }
                fleet.injected()
                #expect((1...fleet.scope.batch).contains(try await fleet.ledger.counts().running))
                try fleet.startWorker()
                try await eventually("the others have done its work") { try await fleet.isFinished(job) }
                let before = try await fleet.pool.query("SELECT task, worker, at FROM result ORDER BY task").map { try "\($0.int64(0)) \($0.int(1)) \($0.timestamp(2))" }
                sleeper.send(SIGCONT)
                try await eventually("its settlement is refused") { sleeper.log.contains("worker.settlements_refused") }
                #expect(try await fleet.pool.query("SELECT task, worker, at FROM result ORDER BY task").map { try "\($0.int64(0)) \($0.int(1)) \($0.timestamp(2))" } == before)
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }

        // MARK: Clocks

        private static func clock(hours: Int) -> [String: String] { ["MVFLEET_FAULT_CLOCK_SECONDS": "\(hours * 3600)"] }

        @Test func `clocks that are an hour off, either way, change nothing`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator("late-coordinator", environment: Self.clock(hours: -1))
                let early = try fleet.startWorker("early", environment: Self.clock(hours: 1)) { $0.leaseMilliseconds = 2_000 }
                try fleet.startWorker("late", environment: Self.clock(hours: -1)) { $0.leaseMilliseconds = 2_000 }
                fleet.injected(3)
                try await eventually("its clock is an hour early") { early.log.contains("role.clock_skewed") }
                let first = try await fleet.submit("first", clips: Self.clips, settings: [.join: FaultSettings(work: .milliseconds(20))])
                try await eventually("the first job is finished") { try await fleet.isFinished(first) }
                try await fleet.expectEndings(first, "first", clips: Self.clips)
                // A lease that began before its time, by the worker's clock, must not live an hour longer for it; nor end an hour early.
                let second = try await fleet.submit("second", clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(50))])
                try await eventually("the early one works") {
                    try await fleet.pool.queryOne("SELECT count(*) FROM running r JOIN worker w ON w.id = r.worker WHERE r.started AND w.pid = $1", [.int32(early.pid)]).int(0) > 0
                }
                early.send(SIGKILL)
                fleet.injected()
                try await fleet.expectWhole(second, "second", clips: Self.clips)
            }
        }
    }
}

extension FaultFleet {
    /// Leases of a stage on which work has begun.
    func running(_ role: FaultRole) async throws -> Int {
        try await pool.queryOne("SELECT count(*) FROM running r JOIN task t ON t.id = r.task JOIN stage s ON s.id = t.stage WHERE r.started AND s.name = $1",
                                [.text(scope.stage(role).rawValue)]).int(0)
    }
}
