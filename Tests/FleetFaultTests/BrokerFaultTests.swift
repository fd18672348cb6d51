import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import LocalServices
import RabbitMQ
import Testing

extension FleetFaults.OnServersThatSuffer {
    /// A broker that dies, forgets, or takes no more.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct BrokerFaultTests {
        private static let clips = Chaos.size(300, whole: 100_000)
        /// Of the largest job, two stages: two hundred thousand messages.
        private static let role = Chaos.isWhole ? FaultRole.left : .join
        private static let tasks = clips * role.withUpstream.count

        @Test func `a broker killed while it is published to costs nothing`() async throws {
            try await FaultFleet.with({ $0.batch = Chaos.size(16, whole: 256) }) { fleet in
                let kills = Chaos.size(1, whole: 4)
                try fleet.startCoordinator()
                try fleet.startWorker { $0.leaseMilliseconds = 60_000 }
                let job = try await fleet.submit(clips: Self.clips, to: Self.role, settings: [.root: FaultSettings(work: .milliseconds(20))])
                for kill in 1...kills {
                    try await eventually("a part is done", within: .seconds(300)) { try await fleet.done(job) > Self.tasks * kill / (kills + 2) }
                    try await fleet.servers.kill(.rabbitmq)
                    fleet.injected()
                    try await fleet.servers.up()
                }
                try await fleet.expectWhole(job, clips: Self.clips, to: Self.role, within: .seconds(600))
            }
        }

        @Test func `a broker that lost everything is filled again`() async throws {
            try await FaultFleet.with { fleet in
                let clips = Chaos.size(300, whole: 5_000)
                try fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: clips, settings: [.root: FaultSettings(work: .milliseconds(20))])
                try await eventually("a part is done") { try await fleet.done(job) > clips }
                try await fleet.servers.wipeBroker()
                fleet.injected()
                // What workers held when the broker went may have been all that the first job had left; the second has to come through the new queues.
                let second = try await fleet.submit("second", clips: clips)
                try await eventually("the first job is finished", within: .seconds(180)) { try await fleet.isFinished(job) }
                try await fleet.expectEndings(job, clips: clips)
                try await fleet.expectWhole(second, "second", clips: clips, within: .seconds(180))
            }
        }

        @Test(.enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
        func `queues whose replicas do not come back are made anew`() async throws {
            try await FaultFleet.with { fleet in
                let clips = 1_000
                try fleet.startCoordinator()
                let worker = try fleet.startWorker("before")
                let job = try await fleet.submit(clips: clips, settings: [.root: FaultSettings(work: .milliseconds(20))])
                try await eventually("a part is done") { try await fleet.done(job) > clips }
                worker.send(SIGTERM)
                #expect(try await worker.end(within: .seconds(30)) == .exited(0))
                // What an unclean end of the broker now and then leaves: the queue is known, and there is nobody behind its name.
                for queue in fleet.queues {
                    try await fleet.servers.rabbitmqctl(["eval", "ok = ra:force_delete_server(quorum_queues, {list_to_atom(\"mvfleet_\(queue)\"), node()})."])
                    fleet.injected()
                }
                let heir = try fleet.startWorker("after")
                try await fleet.expectWhole(job, clips: clips, within: .seconds(300))
                #expect(heir.log.contains("it is deleted and declared anew"))
            }
        }

        // MARK: Alarms

        @Test(.enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
        func `under a memory alarm consumers go on, and publishers are told`() async throws {
            try await underAlarm(raise: ["set_vm_memory_high_watermark", "absolute", "1MB"], end: ["set_vm_memory_high_watermark", "absolute", "1GB"])
        }

        @Test(.enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
        func `under a disk alarm consumers go on, and publishers are told`() async throws {
            try await underAlarm(raise: ["set_disk_free_limit", "100000GB"], end: ["set_disk_free_limit", "200MB"])
        }

        private func underAlarm(raise: [String], end: [String]) async throws {
            try await FaultFleet.with { fleet in
                let clips = 600
                let coordinator = try fleet.startCoordinator()
                let job = try await fleet.submit(clips: clips)
                let root = BrokerQueue(stage: fleet.scope.stage(.root), version: 1, lane: .bulk).name
                try await fleet.withPublisher { publisher in
                    try await eventually("all roots are in the queue") { ((try? await publisher.status(ofQueue: root).ready) ?? 0) == clips }
                    try await fleet.servers.rabbitmqctl(raise)
                    fleet.injected()
                    // A consumer that only consumes is never blocked: all that was in the queue is done, acknowledgements and all.
                    try fleet.startWorker()
                    try await eventually("what was in the queue is done") { try await fleet.done(job) == clips }
                    // What that made ready has to wait, and whoever publishes it knows why.
                    let outcomes = try await publisher.publish([Message(routingKey: root, body: Array("nothing".utf8))], deadline: .seconds(2))
                    #expect(outcomes.map(\.isTaken) == [false], "\(outcomes)")
                    #expect(publisher.health.blockedReason != nil)
                    try await eventually("the coordinator says so") { coordinator.log.contains("RabbitMQ blocks publishing") }
                    try await eventually("whoever submits is told") { try await fleet.ledger.alarms().contains { $0.code == "broker.blocked" } }
                    #expect(try await fleet.done(job) == clips)
                    try await fleet.servers.rabbitmqctl(end)
                    try await eventually("and that it is over") { try await !fleet.ledger.alarms().contains { $0.code == "broker.blocked" } }
                }
                try await fleet.expectWhole(job, clips: clips)
                fleet.expectEachRanOnce(clips: clips)
            }
        }
    }
}

extension PublishOutcome {
    /// Whether the broker has it.
    fileprivate var isTaken: Bool { self == .confirmed }
}
