import Fleet
import FleetModel
import Ledger
import RabbitMQ
import Testing

extension FleetIntegration {
    @Suite struct BrokerFaultTests {
        @Test func `messages that come three times change nothing`() async throws {
            try await TestFleet.with { fleet in
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 60)
                var sent: [Message] = []
                // No coordinator: this loop sends whatever stands ready, three times, each time it looks.
                try await eventually("the job is finished") {
                    for queue in try await fleet.ledger.openQueues() {
                        let name = BrokerQueue(stage: queue.stage, version: queue.version, lane: queue.lane).name
                        let tokens = try await fleet.ledger.ready(in: queue.id, after: 0, limit: 1000)
                        let messages = tokens.map { Message(routingKey: name, body: TaskMessage.encode($0)) }
                        sent += messages
                        _ = try await fleet.publisher.publish(messages + messages + messages, deadline: .seconds(30))
                    }
                    _ = try await fleet.ledger.sweep()
                    return try await fleet.isFinished(job)
                }
                // And once more all that was ever sent, with some that nobody can read.
                let strangers = Topology.fleet(fleet.catalogue).queues.map { Message(routingKey: $0.name, body: Array("not a token".utf8)) }
                #expect(try await fleet.publisher.publish(sent + strangers, deadline: .seconds(30)).allSatisfy { $0 == .confirmed })
                try await fleet.expectAllDone(job, clips: 60)
                fleet.expectEachRanOnce(clips: 60)
            }
        }

        @Test func `messages that the broker lost are sent again`() async throws {
            let latch = Latch()
            try await TestFleet.with(does: { run, _ in
                if run.role == "left" { await latch.wait() }
                return .completed(())
            }) { fleet in
                fleet.startCoordinator { $0.lossAfter = .milliseconds(300) }
                let job = try await fleet.submit(clips: 150)
                let root = BrokerQueue(stage: fleet.scope.stage("root"), version: 1, lane: .bulk)
                try await eventually("all messages are in the queue") { try await fleet.publisher.status(ofQueue: root.name).ready == 150 }
                #expect(try await fleet.publisher.purge(queue: root.name) == 150)
                try fleet.startWorker()
                try await eventually("work is under way") { latch.held > 0 }
                for queue in Topology.fleet(fleet.catalogue).queues { _ = try await fleet.publisher.purge(queue: queue.name) }
                latch.open()
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 150)
                fleet.expectEachRanOnce(clips: 150)
            }
        }

        @Test func `queues that are deleted under their consumers come back`() async throws {
            let latch = Latch()
            try await TestFleet.with(does: { run, _ in
                if run.role == "left" { await latch.wait() }
                return .completed(())
            }) { fleet in
                fleet.startCoordinator { $0.lossAfter = .milliseconds(300) }
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 150)
                try await eventually("work is under way") { latch.held > 0 }
                // By a connection that is not the fleet's own and declares nothing again.
                let vandal = try await Publisher.open(fleet.amqp)
                for queue in Topology.fleet(fleet.catalogue).queues { try await vandal.delete(queue: queue.name) }
                await vandal.close()
                latch.open()
                // At times a consumer of such a queue gets neither a cancellation nor another delivery: its worker notices, and listens anew.
                try await eventually("the job is finished", within: .seconds(40)) { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 150)
                fleet.expectEachRanOnce(clips: 150)
            }
        }
    }
}
