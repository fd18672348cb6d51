import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

extension FleetIntegration {
    @Suite struct LeadershipTests {
        @Test func `when the leader goes, the other coordinator leads`() async throws {
            try await TestFleet.with { fleet in
                try fleet.startWorker()
                let leader = fleet.startCoordinator()
                let first = try await fleet.submit("first", clips: 40)
                try await eventually("the first job is finished") { try await fleet.isFinished(first) }
                fleet.startCoordinator()
                try await leader.cancel()
                let second = try await fleet.submit("second", clips: 40)
                try await eventually("the second job is finished") { try await fleet.isFinished(second) }
                try await fleet.expectAllDone(second, clips: 40)
                fleet.expectEachRanOnce(clips: 80)
            }
        }

        @Test func `two coordinators at once dispatch nothing twice`() async throws {
            try await TestFleet.with { fleet in
                fleet.startCoordinator()
                fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 100)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 100)
                fleet.expectEachRanOnce(clips: 100)
            }
        }

        @Test func `a leader that is never heard of again is succeeded when its lease ends`() async throws {
            try await TestFleet.with { fleet in
                let lost = try #require(try await fleet.ledger.acquireLeadership(UUID(), lease: .seconds(1)))
                fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 20)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                // The old leader's way back is closed.
                #expect(try await fleet.ledger.acquireLeadership(lost.holder, lease: .seconds(1)) == nil)
                try await fleet.expectAllDone(job, clips: 20)
            }
        }
    }
}
