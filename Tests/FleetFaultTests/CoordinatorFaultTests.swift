import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

extension FleetFaults.OnSharedServers {
    /// Two coordinators, one of which leads and goes.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct CoordinatorFaultTests {
        private static let clips = Chaos.size(200, whole: 5_000)

        /// Runs a job while `strike` is done to the leader at a third of it.
        private func underNewLead(_ strike: @escaping @Sendable (FaultFleet, _ leader: Spawned, _ other: Spawned) async throws -> Void) async throws {
            try await FaultFleet.with { fleet in
                let leader = try fleet.startCoordinator("leader")
                try await eventually("it leads") { leader.log.contains("coordinator.leads") }
                let other = try fleet.startCoordinator("other")
                try fleet.startWorker()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(40))])
                try await eventually("a third is done") { try await fleet.done(job) > 4 * Self.clips / 3 }
                try await strike(fleet, leader, other)
                fleet.injected()
                try await eventually("the other leads") { other.log.contains("coordinator.leads") }
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                if leader.isStopped {
                    leader.send(SIGCONT)
                    try await eventually("the old leader stands by") { leader.log.contains("coordinator.stands_by") }
                }
                let next = try await fleet.submit("next", clips: 20)
                try await fleet.expectWhole(next, "next", clips: 20)
                try await fleet.expectEndings(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips, and: 20)
            }
        }

        @Test func `when the leader is killed, the other coordinator leads`() async throws {
            try await underNewLead { _, leader, _ in
                leader.send(SIGKILL)
                try await leader.end()
            }
        }

        @Test func `a leader that was asleep past its lease stands by when it wakes`() async throws {
            try await underNewLead { _, leader, _ in
                leader.send(SIGSTOP)
                try await eventually("it sleeps") { leader.isStopped }
            }
        }

        @Test func `a job whose submitter died while it was planned is planned to its end`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: Self.clips, isPlanned: false)
                fleet.injected()
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }
    }
}
