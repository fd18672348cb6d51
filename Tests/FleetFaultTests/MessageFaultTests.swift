import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import RabbitMQ
import Testing

extension FleetFaults.OnSharedServers {
    /// Messages that come too often, in another order, or not at all.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct MessageFaultTests {
        private static let clips = Chaos.size(200, whole: 5_000)

        /// Sends what stands ready, again and again, until the job is finished. There is no coordinator.
        private func dispatch(_ fleet: FaultFleet, _ job: JobID, _ arrange: @Sendable ([Message]) -> [Message]) async throws {
            try await fleet.withPublisher { publisher in
                try await eventually("the job is finished", within: .seconds(120)) {
                    fleet.injected(try await fleet.sendReady(publisher, arrange))
                    _ = try await fleet.ledger.sweep()
                    return try await fleet.isFinished(job)
                }
            }
        }

        @Test func `messages that come three times change nothing`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startWorker("one")
                try fleet.startWorker("other")
                try await fleet.declareQueues()
                let job = try await fleet.submit(clips: Self.clips)
                try await dispatch(fleet, job) { $0 + $0 + $0 }
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }

        @Test func `messages that come in reversed order change nothing`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startWorker()
                try await fleet.declareQueues()
                let job = try await fleet.submit(clips: Self.clips)
                try await dispatch(fleet, job) { $0.reversed() }
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }

        @Test func `queues that are deleted under their consumers come back`() async throws {
            try await FaultFleet.with { fleet in
                let rounds = Chaos.size(1, whole: 4)
                try fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(30))])
                for round in 1...rounds {
                    try await eventually("a part is done") { try await fleet.done(job) > 4 * Self.clips * round / (rounds + 2) }
                    try await fleet.withPublisher { vandal in
                        for queue in fleet.queues { try await vandal.delete(queue: queue) }
                    }
                    fleet.injected(fleet.queues.count)
                }
                // What was under way may end the job before the last queue is there again.
                try await fleet.withPublisher { visitor in
                    for queue in fleet.queues { try await eventually("\(queue) is back") { (try? await visitor.status(ofQueue: queue)) != nil } }
                }
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }

        @Test func `messages that the broker lost are sent again`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips)
                let root = BrokerQueue(stage: fleet.scope.stage(.root), version: fleet.scope.version, lane: .bulk).name
                try await fleet.withPublisher { vandal in
                    try await eventually("messages are in the queue") { (try? await vandal.status(ofQueue: root).ready) ?? 0 > 0 }
                    fleet.injected(try await vandal.purge(queue: root))
                }
                try fleet.startWorker()
                try await fleet.expectWhole(job, clips: Self.clips)
                fleet.expectEachRanOnce(clips: Self.clips)
            }
        }
    }
}

extension FaultFleet {
    /// As a coordinator does when it begins.
    func declareQueues() async throws {
        try await withPublisher { try await $0.declare(.fleet(catalogue)) }
    }
}
