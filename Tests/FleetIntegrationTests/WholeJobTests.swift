import Fleet
import FleetModel
import Ledger
import Testing

extension FleetIntegration {
    @Suite struct WholeJobTests {
        @Test func `every task of a job ends done, exactly once`() async throws {
            try await TestFleet.with { fleet in
                fleet.startCoordinator()
                try fleet.startWorker()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 300)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 300)
                fleet.expectEachRanOnce(clips: 300)
            }
        }

        @Test func `a second job over the same clips reuses every result`() async throws {
            try await TestFleet.with { fleet in
                fleet.startCoordinator()
                try fleet.startWorker()
                let first = try await fleet.submit(clips: 20)
                try await eventually("the first job is finished") { try await fleet.isFinished(first) }
                let second = try await fleet.submit(clips: 20)
                try await eventually("the second job is finished") { try await fleet.isFinished(second) }
                #expect(try await fleet.ledger.job(second).summary.reused == 80)
                try await fleet.expectAllDone(second, clips: 20)
                fleet.expectEachRanOnce(clips: 20)
            }
        }

        /// Clips by number: 1 fails, 2 is filtered, 3 comes later, 4 fails once, 5 fails always; one batch holds several of each.
        @Test func `items end each in its own way, and none drags its batch along`() async throws {
            let behaviour: Probe.Behaviour = { run, earlier in
                guard run.role == "left", let last = run.clip.last else { return .completed(()) }
                return switch last {
                case "1": .failed(FleetError("test.broken", "clip \(run.clip) is broken"))
                case "2": .filtered(reason: "not music")
                case "3" where earlier == 0: .deferred(by: .milliseconds(30), reason: "later")
                case "4" where earlier == 0: .failed(FleetError("test.passing", "try again", isRetriable: true))
                case "5": .failed(FleetError("test.lasting", "never works", isRetriable: true))
                default: .completed(())
                }
            }
            try await TestFleet.with(does: behaviour) { fleet in
                fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 60)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                let left = try await fleet.counts(of: "left", in: job), right = try await fleet.counts(of: "right", in: job), join = try await fleet.counts(of: "join", in: job)
                #expect(left.done == 42 && left.filtered == 6 && left.dead == 12, "\(left)")
                #expect(right.done == 60, "\(right)")
                #expect(join.done == 42 && join.filtered == 6 && join.blocked == 12, "\(join)")
                let failures = try await fleet.ledger.failures(FailureFilter(), limit: 100)
                #expect(failures.count { $0.error.code == "test.broken" && $0.attempts == 1 } == 6)
                #expect(failures.count { $0.error.code == "test.lasting" && $0.attempts == 3 } == 6)
                for (run, count) in fleet.probe.runs where run.role == "left" {
                    #expect(count == ["3": 2, "4": 2, "5": 3][run.clip.suffix(1), default: 1], "\(run)")
                }
                try await fleet.expectRest()
            }
        }

        @Test func `a job that its submitter left unplanned is planned by the leader`() async throws {
            try await TestFleet.with { fleet in
                let job = try await fleet.submit(clips: 30, isPlanned: false)
                fleet.startCoordinator { $0.planningStall = .milliseconds(200) }
                try fleet.startWorker()
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 30)
                fleet.expectEachRanOnce(clips: 30)
            }
        }
    }
}
