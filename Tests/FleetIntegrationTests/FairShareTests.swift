import Fleet
import FleetModel
import Ledger
import Testing

extension FleetIntegration {
    @Suite struct FairShareTests {
        /// How many tasks of each job began, from the first of the second job to its n-th.
        private func progress(_ log: [Probe.Run], until count: Int) -> (first: Int, second: Int)? {
            guard let start = log.firstIndex(where: { $0.clip.hasPrefix("second") }) else { return nil }
            let seconds = log.indices.filter { log[$0].clip.hasPrefix("second") }
            guard seconds.count >= count else { return nil }
            let slice = log[start...seconds[count - 1]]
            return (slice.count { $0.clip.hasPrefix("first") }, count)
        }

        private func workFor(_ duration: Duration) -> Probe.Behaviour {
            { _, _ in
                // Stands for work.
                if duration > .zero { try? await Task.sleep(for: duration) }
                return .completed(())
            }
        }

        @Test(arguments: [Duration.zero, .milliseconds(4)])
        func `a second bulk job goes on as fast as the first`(work: Duration) async throws {
            try await TestFleet.with({ $0.batch = 8 }, does: workFor(work)) { fleet in
                fleet.startCoordinator()
                let root = fleet.scope.stage("root")
                let first = try await fleet.submit("first", clips: 8000, to: [root])
                let second = try await fleet.submit("second", clips: 4000, to: [root], isPlanned: false)
                try fleet.startWorker(slots: 2)
                try await eventually("the first job runs") { fleet.probe.total > 200 }
                _ = try await fleet.ledger.plan(second)
                let planned = fleet.probe.total
                try await eventually("1000 tasks of the second job began") { fleet.probe.log.count { $0.clip.hasPrefix("second") } >= 1000 }
                let log = fleet.probe.log
                let (beside, count) = try #require(progress(log, until: 1000))
                #expect((700...1400).contains(beside), "\(beside) tasks of the first job began while \(count) of the second did")
                // It did not wait behind a whole window either.
                let wait = log.firstIndex { $0.clip.hasPrefix("second") }.map { $0 - planned } ?? 0
                if work > .zero { #expect(wait < 900, "\(wait) tasks of the first job began before the second's first") }
                try await fleet.ledger.cancel(first)
                try await fleet.ledger.cancel(second)
            }
        }

        /// At about 400 tasks a second: what is out of the first job would take two and a half.
        @Test func `a job of higher priority goes before a window full of another, and leaves what it cannot use`() async throws {
            try await TestFleet.with({ $0.batch = 4 }, does: workFor(.milliseconds(5))) { fleet in
                fleet.startCoordinator()
                let root = fleet.scope.stage("root")
                let first = try await fleet.submit("first", clips: 4000, to: [root])
                try fleet.startWorker(slots: 2)
                try await eventually("the first job runs") { fleet.probe.total > 100 }
                let second = try await fleet.submit("second", clips: 300, to: [root], priority: 5)
                let planned = fleet.probe.total
                try await eventually("the second job has begun all its tasks") { fleet.probe.log.count { $0.clip.hasPrefix("second") } == 300 }
                let log = fleet.probe.log
                let last = try #require(log.lastIndex { $0.clip.hasPrefix("second") })
                let between = log[planned...last].count { $0.clip.hasPrefix("first") }
                #expect(between < 800, "\(between) tasks of the first job began before the second had all")
                let total = fleet.probe.total
                try await eventually("the first job goes on") { fleet.probe.total > total + 100 }
                try await fleet.ledger.cancel(first)
                _ = second
            }
        }

        @Test func `a job that is raised goes before its equal`() async throws {
            try await TestFleet.with({ $0.batch = 4 }, does: workFor(.milliseconds(5))) { fleet in
                fleet.startCoordinator()
                let root = fleet.scope.stage("root")
                let first = try await fleet.submit("first", clips: 4000, to: [root])
                let second = try await fleet.submit("second", clips: 4000, to: [root])
                try fleet.startWorker(slots: 2)
                try await eventually("both run") { fleet.probe.log.count { $0.clip.hasPrefix("second") } > 50 }
                try await fleet.ledger.setPriority(1, of: second)
                let raised = fleet.probe.total
                try await eventually("900 more began") { fleet.probe.total > raised + 900 }
                // A third of them began before the change took effect; of the rest all are the second's.
                let later = fleet.probe.log[(raised + 700)..<(raised + 900)]
                #expect(later.count { $0.clip.hasPrefix("first") } <= 20)
                try await fleet.ledger.cancel(first)
                try await fleet.ledger.cancel(second)
            }
        }

        @Test func `a limited job has no more out than its limit, and does not block the window`() async throws {
            try await TestFleet.with({ $0.batch = 4 }, does: workFor(.milliseconds(2))) { fleet in
                fleet.startCoordinator()
                let root = fleet.scope.stage("root")
                // A limit of three is three tasks a round of the dispatcher: enough rounds to see it, whatever else the machine does.
                let second = try await fleet.submit("second", clips: 120, to: [root], priority: 9)
                try await fleet.ledger.setLimit(3, of: second)
                let first = try await fleet.submit("first", clips: 3000, to: [root])
                try fleet.startWorker(slots: 3)
                var most = 0
                try await eventually("the limited job is finished") {
                    most = max(most, try await fleet.ledger.leases(of: [second])[second] ?? 0)
                    return try await fleet.ledger.job(second).summary.done == 120
                }
                #expect((1...3).contains(most))
                // The other, of lower priority, used what the limit left.
                let beside = fleet.probe.log.count { $0.clip.hasPrefix("first") }
                #expect(beside > 100, "\(beside)")
                try await fleet.ledger.cancel(first)
            }
        }

        /// A token in a queue that nobody consumes would hold the job's only place.
        @Test func `a limited job goes on where there are workers`() async throws {
            try await TestFleet.with { fleet in
                let root = fleet.scope.stage("root"), join = fleet.scope.stage("join")
                let job = try await fleet.submit(clips: 20, isPlanned: false)
                try await fleet.ledger.setLimit(1, of: job)
                try await fleet.ledger.pause(stage: join)
                _ = try await fleet.ledger.plan(job)
                fleet.startCoordinator()
                try await eventually("the coordinator leads") { try await fleet.ledger.openQueues().contains { $0.stage == root } }
                try fleet.startWorker()
                try await eventually("all but the paused stage is done") { try await fleet.ledger.job(job).summary.done == 60 }
                try await fleet.ledger.resume(stage: join)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 20)
            }
        }
    }
}
