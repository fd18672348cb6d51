import Fleet
import FleetModel
import Ledger
import PostgreSQL
import Synchronization
import Testing

extension FleetIntegration {
    @Suite struct StageControlTests {
        /// Holds what comes after the first so many.
        private final class Half: Sendable {
            let latch = Latch()
            private let count = Mutex(0)
            private let first: Int

            init(first: Int) { self.first = first }

            @inline(never)
            private func next() -> Int {
                count.withLock {
                    $0 += 1
                    return $0
                }
            }

            func pass() async {
                if next() > first { await latch.wait() }
            }
        }

        @Test func `a stage paused at half of a job begins nothing, also under a new coordinator, until it is resumed`() async throws {
            let half = Half(first: 60)
            try await TestFleet.with({ $0.batch = 4 }, does: { run, _ in
                if run.role == "left" { await half.pass() }
                return .completed(())
            }) { fleet in
                let coordinator = fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let job = try await fleet.submit(clips: 120)
                try await eventually("half of the stage has run") { half.latch.held >= 2 }
                try await fleet.ledger.pause(stage: fleet.scope.stage("left"))
                half.latch.open()
                try await eventually("what ran of the stage has ended") { try await fleet.counts(of: "left", in: job).running == 0 }
                let begun = fleet.probe.log.count { $0.role == "left" }
                #expect(begun < 120)
                try await coordinator.cancel()
                fleet.startCoordinator()
                // The job goes on where it may, under the new coordinator: to its very end, beside the stage.
                try await eventually("the other stages are done") { fleet.probe.log.count { $0.role == "right" } == 120 }
                let second = try await fleet.submit("second", clips: 40, to: [fleet.scope.stage("left"), fleet.scope.stage("right")])
                try await eventually("a second job is done, but for the stage") { try await fleet.counts(of: "right", in: second).done == 40 }
                #expect(fleet.probe.log.count { $0.role == "left" } == begun)
                try await fleet.ledger.resume(stage: fleet.scope.stage("left"))
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 120)
                #expect(fleet.probe.runs.filter { $0.value != 1 } == [:])
            }
        }

        /// The rate is lowered while about a thousand messages are out: those are called back.
        @Test func `a lowered rate holds within two seconds, and across a new coordinator`() async throws {
            try await TestFleet.with({ $0.batch = 4 }, does: { _, _ in
                // Stands for work.
                try? await Task.sleep(for: .milliseconds(10))
                return .completed(())
            }) { fleet in
                let coordinator = fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let job = try await fleet.submit(clips: 5000, to: [fleet.scope.stage("root")])
                try await eventually("it runs at full speed") { fleet.probe.total > 100 }
                try await fleet.ledger.setRate(20, of: fleet.scope.stage("root"))
                let connection = try await Connection.open(fleet.database)
                let start = try await connection.queryOne("SELECT extract(epoch FROM clock_timestamp())::double precision").double(0)
                func begun(from first: Double, to last: Double) async throws -> Int {
                    try await connection.queryOne("""
                        SELECT count(*) FROM result WHERE at - milliseconds * interval '1 ms' >= to_timestamp($1) AND at - milliseconds * interval '1 ms' < to_timestamp($2)
                        """, [.double(start + first), .double(start + last)]).int(0)
                }
                func untilClock(_ seconds: Double) async throws {
                    try await eventually("\(seconds) s have passed in the database") {
                        try await connection.queryOne("SELECT extract(epoch FROM clock_timestamp())::double precision >= $1", [.double(start + seconds)]).bool(0)
                    }
                }
                try await untilClock(4)
                try await coordinator.cancel()
                fleet.startCoordinator()
                try await untilClock(9)
                // 7 seconds of 20, and twice a quarter of a second on top: what the bucket saves, and what was out. Below, what a change of coordinators and a busy machine cost.
                let count = try await begun(from: 2, to: 9)
                #expect(count <= 150 && count >= 60, "\(count) began in 7 s")
                try await fleet.ledger.setRate(nil, of: fleet.scope.stage("root"))
                try await eventually("it runs at full speed again") { try await fleet.ledger.job(job).summary.done > 600 }
                try await fleet.ledger.cancel(job)
                await connection.close()
            }
        }

        @Test func `the stream lane has the rate before bulk`() async throws {
            try await TestFleet.with({ $0.batch = 4 }) { fleet in
                let root = fleet.scope.stage("root")
                try await fleet.ledger.setRate(40, of: root)
                fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let bulk = try await fleet.submit("bulk", clips: 2000, to: [root])
                try await eventually("bulk runs at its rate") { fleet.probe.total > 20 }
                let stream = try await fleet.submit("stream", clips: 60, to: [root], lane: .stream)
                let before = fleet.probe.log.count { $0.clip.hasPrefix("bulk") }
                try await eventually("the stream job is finished") { try await fleet.ledger.job(stream).summary.done == 60 }
                let beside = fleet.probe.log.count { $0.clip.hasPrefix("bulk") } - before
                #expect(beside < 40, "\(beside) bulk tasks began while 60 stream tasks did")
                try await fleet.ledger.cancel(bulk)
            }
        }

        @Test func `a worker that is drained by its number ends within two seconds, and loses nothing`() async throws {
            try await TestFleet.with({ $0.batch = 2 }, does: { _, _ in
                // Stands for work.
                try? await Task.sleep(for: .milliseconds(2))
                return .completed(())
            }) { fleet in
                fleet.startCoordinator()
                // Heartbeats would come too late.
                let first = try fleet.startWorker(slots: 2, heartbeat: .seconds(600))
                try await eventually("the first worker is known") { try await fleet.ledger.workers().count == 1 }
                try fleet.startWorker(slots: 2, heartbeat: .seconds(600))
                let job = try await fleet.submit(clips: 400)
                try await eventually("both work") { try await fleet.ledger.workers().count { $0.leases > 0 } == 2 }
                let id = try #require(try await fleet.ledger.workers().first?.id)
                let asked = ContinuousClock.now
                #expect(try await fleet.ledger.requestDrain(WorkerFilter(ids: [id])) == [id])
                try await first.role.end()
                #expect(ContinuousClock.now - asked < .seconds(4), "two seconds, and what a busy machine needs")
                #expect(try await fleet.ledger.workers(seenWithin: .seconds(600)).map(\.id) != [id])
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 400)
                fleet.expectEachRanOnce(clips: 400)
            }
        }
    }
}
