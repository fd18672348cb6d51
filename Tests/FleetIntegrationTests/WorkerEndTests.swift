import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

extension FleetIntegration {
    @Suite struct WorkerEndTests {
        private static let held = Probe.Run(role: "root", clip: "clip-00100")

        @Test func `a drained worker ends what it holds, and loses and repeats nothing`() async throws {
            let latch = Latch()
            try await TestFleet.with(does: { run, _ in
                if run == Self.held { await latch.wait() }
                return .completed(())
            }) { fleet in
                fleet.startCoordinator()
                let (worker, role) = try fleet.startWorker()
                let job = try await fleet.submit(clips: 200)
                try await eventually("work is under way") { latch.held == 1 }
                worker.drain()
                latch.open()
                try await role.end()
                #expect(try await fleet.ledger.counts().running == 0)
                #expect(try await fleet.isFinished(job) == false)
                try fleet.startWorker()
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 200)
                fleet.expectEachRanOnce(clips: 200)
            }
        }

        @Test func `a worker is drained through the ledger`() async throws {
            try await TestFleet.with { fleet in
                let (_, role) = try fleet.startWorker()
                try await eventually("the worker is known") { try await fleet.ledger.workers(seenWithin: .seconds(60)).count == 1 }
                try await fleet.ledger.requestDrain(try #require(try await fleet.ledger.workers().first).id)
                try await role.end()
                #expect(try await fleet.ledger.workers().allSatisfy { $0.hasEnded && $0.leases == 0 })
            }
        }

        @Test func `what a cancelled worker held goes to another at once`() async throws {
            let latch = Latch()
            try await TestFleet.with(does: { run, earlier in
                if run == Self.held, earlier == 0 { await latch.wait() }
                return .completed(())
            }) { fleet in
                fleet.startCoordinator()
                // The lease is longer than the test waits: the task must come back by the worker's own goodbye.
                let (_, role) = try fleet.startWorker(lease: .seconds(600))
                let job = try await fleet.submit(clips: 200)
                try await eventually("work is under way") { latch.held == 1 }
                try await role.cancel()
                #expect(try await fleet.ledger.counts().running == 0)
                try fleet.startWorker()
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                #expect(fleet.probe.runs[Self.held] == 2)
                try await fleet.expectAllDone(job, clips: 200)
            }
        }

        /// A worker that is gone with its process: it claimed, began some, and is never heard of again.
        @Test func `tasks that a worker died of run again with nothing beside them`() async throws {
            try await TestFleet.with({ $0.batch = 1 }, does: { _, _ in
                for _ in 0..<20 { await Task.yield() }
                return .completed(())
            }) { fleet in
                let job = try await fleet.submit(clips: 60)
                let ghost = try await fleet.ledger.register(WorkerRegistration(incarnation: UUID(), host: "gone", pid: 1, stages: [fleet.scope.stage("root")], slots: 1))
                let queue = try #require(try await fleet.ledger.openQueues().first { $0.stage == fleet.scope.stage("root") })
                let tokens = try await fleet.ledger.ready(in: queue.id, after: 0, limit: 10)
                let claims = try await fleet.ledger.claim(tokens, by: ghost, lease: .milliseconds(300))
                #expect(claims.count == 10)
                let begun = claims.prefix(3)
                try await fleet.ledger.markStarted(begun.map { LeaseRef($0) }, by: ghost)

                fleet.startCoordinator()
                try fleet.startWorker(slots: 4)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 60)
                fleet.expectEachRanOnce(clips: 60)
                let suspects = Set(begun.map { Probe.Run(role: "root", clip: $0.clip.id) })
                #expect(fleet.probe.accompanied.isDisjoint(with: suspects))
                // The others did run side by side.
                #expect(!fleet.probe.accompanied.isEmpty)
            }
        }

        @Test func `an item that does not heed its time limit ends alone`() async throws {
            let latch = Latch()
            try await TestFleet.with({
                $0.timeLimit = .milliseconds(200)
                $0.retry.attempts = 1
            }, does: { run, _ in
                if run.role == "root", run.clip == "clip-00003" { await latch.waitDeaf() }
                return .completed(())
            }) { fleet in
                fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 12)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                latch.open()
                let root = try await fleet.counts(of: "root", in: job)
                #expect(root.done == 11 && root.dead == 1, "\(root)")
                let failures = try await fleet.ledger.failures(FailureFilter(job: job))
                #expect(failures.map(\.error.code) == [.timeLimit])
                #expect(failures.map(\.clipKey) == ["clip-00003"])
                try await fleet.expectRest()
            }
        }
    }
}
