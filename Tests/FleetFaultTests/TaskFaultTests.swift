import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

extension FleetFaults.OnSharedServers {
    /// Tasks that harm the process that runs them.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct TaskFaultTests {
        private static let clips = Chaos.size(100, whole: 2_000)

        @Test func `a task that kills its process is quarantined, and its neighbours all succeed`() async throws {
            try await FaultFleet.with { fleet in
                let bad = FaultFleet.key("clip", 37)
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(kills: [bad])])
                var deaths = 0
                var worker = try fleet.startWorker("worker-0")
                try await eventually("the job is finished", within: .seconds(90)) {
                    if worker.ending == .killed(by: SIGKILL) {
                        deaths += 1
                        fleet.injected()
                        worker = try fleet.startWorker("worker-\(deaths)")
                    }
                    return try await fleet.isFinished(job)
                }
                #expect(deaths == fleet.ledger.policy.strikesUntilQuarantine)
                try await fleet.expectWhole(job, clips: Self.clips) { role, clip in
                    guard clip == bad else { return .result }
                    return role == .left ? .dead(.quarantined) : role == .join ? .blocked : .result
                }
            }
        }

        @Test func `a task that does not end is given up at its time limit, and its neighbours all succeed`() async throws {
            try await FaultFleet.with({
                $0.timeLimitMilliseconds = 400
                $0.attempts = 2
            }) { fleet in
                let bad = FaultFleet.key("clip", 37)
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(hangs: [bad])])
                try fleet.startWorker { $0.slackMilliseconds = 600 }
                fleet.injected()
                try await fleet.expectWhole(job, clips: Self.clips) { role, clip in
                    guard clip == bad else { return .result }
                    return role == .left ? .dead(.timeLimit) : role == .join ? .blocked : .result
                }
            }
        }
    }
}
