import RabbitMQ
import Testing

@Suite(.enabled(if: LiveBroker.isThere, "set MVFLEET_TEST_AMQP_URL to test against a RabbitMQ server"), .timeLimit(.minutes(1)))
struct LiveConnectionTests {
    @Test func fiveThousandMessagesArePublishedConsumedAndAcknowledged() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let count = 5_000
            for start in stride(from: 0, to: count, by: 1_000) {
                let outcomes = try await publisher.publish(LiveBroker.messages(start..<start + 1_000, for: queue), deadline: .seconds(30))
                #expect(outcomes == Array(repeating: .confirmed, count: 1_000))
            }
            #expect(try await publisher.status(ofQueue: queue).ready == count)

            let subscription = try await consumer.subscribe(queue: queue, prefetch: 256)
            #expect(consumer.health.isLive())
            var seen: [Int] = []
            while seen.count < count {
                let batch = try await subscription.next(max: 64)
                #expect((1...64).contains(batch.count))
                seen += batch.compactMap(LiveBroker.number)
                await subscription.complete(batch.map(\.tag))
            }
            #expect(seen == Array(0..<count))
            await subscription.cancel()
            try await LiveBroker.wait(publisher, queue, is: QueueStatus(ready: 0, consumers: 0))
        }
    }

    @Test func anUnroutableMessageComesBackAndItsNeighboursAreConfirmed() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            let good = Message(routingKey: queue, body: [1])
            let lost = Message(routingKey: queue + ".missing", body: [2])
            var ignored = lost
            ignored.isMandatory = false
            let outcomes = try await publisher.publish([good, lost, good, ignored], deadline: .seconds(30))
            #expect(outcomes == [.confirmed, .returned(code: 312, text: "NO_ROUTE"), .confirmed, .confirmed])
        }
    }

    @Test func aMissingQueueIsAnErrorThatLeavesConfirmsAlone() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            async let outcomes = publisher.publish(LiveBroker.messages(0..<500, for: queue), deadline: .seconds(30))
            async let second = publisher.status(ofQueue: queue)
            let error = await #expect(throws: RabbitMQError.self) { try await publisher.status(ofQueue: queue + ".missing") }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains(queue) == true)
            _ = try await second
            #expect(try await outcomes == Array(repeating: .confirmed, count: 500))
            #expect(publisher.generation == 1)
            #expect(try await publisher.purge(queue: queue) == 500)
            try await publisher.delete(queue: queue + ".missing")
        }
    }

    @Test func exchangesAndBindingsRouteAndOtherSettingsAreRefused() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            let exchange = queue + ".exchange"
            try await publisher.declare(Topology(exchanges: [ExchangeDeclaration(exchange, kind: .topic)], bindings: [Binding(queue: queue, exchange: exchange, routingKey: "a.*")]))
            let outcomes = try await publisher.publish(
                [Message(exchange: exchange, routingKey: "a.b", body: []), Message(exchange: exchange, routingKey: "b.b", body: [])], deadline: .seconds(30))
            #expect(outcomes == [.confirmed, .returned(code: 312, text: "NO_ROUTE")])
            let error = await #expect(throws: RabbitMQError.self) { try await publisher.declare(Topology(queues: [.quorum(queue, deliveryLimit: 3)])) }
            #expect(error?.code == .preconditionFailed)
            try await publisher.delete(exchange: exchange)
        }
    }

    @Test func aLostConnectionLosesNothing() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            #expect(try await publisher.publish(LiveBroker.messages(0..<100, for: queue), deadline: .seconds(30)).allSatisfy { $0 == .confirmed })
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 20)
            let stale = try await subscription.next(max: 20)
            let (publisherEvents, consumerEvents) = (publisher.events(), consumer.events())
            await publisher.severConnection()
            await consumer.severConnection()
            await LiveBroker.wait(publisherEvents) { if case .connected(2) = $0 { true } else { false } }
            await LiveBroker.wait(consumerEvents) { if case .connected(2) = $0 { true } else { false } }

            var seen: Set<Int> = []
            var redelivered = 0
            while seen.count < 100 {
                let batch = try await subscription.next(max: 20)
                await subscription.complete(stale.map(\.tag))
                redelivered += batch.count { $0.isRedelivered }
                seen.formUnion(batch.compactMap(LiveBroker.number))
                await subscription.complete(batch.map(\.tag))
            }
            #expect(seen == Set(0..<100))
            #expect(redelivered >= stale.count)
            #expect(try await publisher.publish(LiveBroker.messages(100..<101, for: queue), deadline: .seconds(30)) == [.confirmed])
            #expect(LiveBroker.number(of: try await subscription.next(max: 1)[0]) == 100)
            #expect(consumer.health.reconnects == 1 && consumer.generation == 2)
            #expect(consumer.health.isLive())
        }
    }

    @Test func aWaiterGoesOnAfterAReconnection() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 4)
            async let waiting = subscription.next(max: 4)
            let events = consumer.events()
            await consumer.severConnection()
            await LiveBroker.wait(events) { if case .connected(2) = $0 { true } else { false } }
            _ = try await publisher.publish(LiveBroker.messages(7..<8, for: queue), deadline: .seconds(30))
            #expect(try await waiting.compactMap(LiveBroker.number) == [7])
        }
    }

    @Test func aBatchUnderWayWhenTheConnectionGoesIsAnsweredWithItsTruth() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            async let outcomes = publisher.publish(LiveBroker.messages(0..<3_000, for: queue), deadline: .seconds(30))
            await publisher.severConnection()
            let got = try await outcomes
            #expect(got.count == 3_000)
            // Whatever was confirmed is there; what was never sent is not.
            let events = publisher.events()
            if publisher.generation == 1 { await LiveBroker.wait(events) { if case .connected = $0 { true } else { false } } }
            let confirmed = got.count { $0 == .confirmed }
            let surelyAbsent = got.count { if case .unconfirmed(.notSent) = $0 { true } else { false } }
            let ready = try await publisher.status(ofQueue: queue).ready
            #expect(ready >= confirmed && ready <= 3_000 - surelyAbsent)
        }
    }

    @Test func aQueueDeletedUnderItsConsumerComesBack() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 4)
            async let waiting = subscription.next(max: 4)
            try await publisher.delete(queue: queue)
            // The consumer declares it again; until then messages come back.
            while try await publisher.publish(LiveBroker.messages(3..<4, for: queue), deadline: .seconds(30)) != [.confirmed] { await Task.yield() }
            #expect(try await waiting.compactMap(LiveBroker.number) == [3])
            #expect(consumer.generation == 1)
        }
    }

    @Test func aPausedSubscriptionGivesItsDeliveriesBackAndResumes() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            _ = try await publisher.publish(LiveBroker.messages(0..<3, for: queue), deadline: .seconds(30))
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 10)
            let first = try await subscription.next(max: 1)
            await subscription.complete(first.map(\.tag))
            await subscription.pause()
            #expect(consumer.health.consumersWanted == 0 && consumer.health.consumersRegistered == 0)
            try await LiveBroker.wait(publisher, queue, is: QueueStatus(ready: 2, consumers: 0))
            await subscription.resume()
            var seen: [Int] = []
            while seen.count < 2 { seen += try await subscription.next(max: 10).compactMap(LiveBroker.number) }
            #expect(seen.sorted() == [1, 2])
        }
    }

    @Test func rejectedDeliveriesComeAgainOrGo() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            _ = try await publisher.publish(LiveBroker.messages(0..<1, for: queue), deadline: .seconds(30))
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 1)
            await subscription.reject(try await subscription.next(max: 1).map(\.tag), requeue: true)
            let again = try await subscription.next(max: 1)
            #expect(again.map(\.isRedelivered) == [true])
            await subscription.reject(again.map(\.tag), requeue: false)
            await subscription.cancel()
            try await LiveBroker.wait(publisher, queue, is: QueueStatus(ready: 0, consumers: 0))
        }
    }

    @Test func anOversizedBodyIsDroppedAndTheNextOneArrives() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            var configuration = try LiveBroker.configuration()
            configuration.maximumBodyBytes = 1_000
            let bodies: [[UInt8]] = [Array(repeating: 1, count: 300_000), Array(repeating: 2, count: 1_000)]
            _ = try await publisher.publish(bodies.map { Message(routingKey: queue, body: $0) }, deadline: .seconds(30))
            let consumer = try await ConsumerConnection.open(configuration)
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 2)
            #expect(try await subscription.next(max: 2).map(\.body) == [bodies[1]])
            await consumer.close()
        }
    }

    /// With a heartbeat of a second the broker gives an idle connection up after two to three.
    @Test func anIdleConnectionOutlivesItsHeartbeats() async throws {
        try await LiveBroker.withQueue { _, _, queue in
            var configuration = try LiveBroker.configuration()
            configuration.heartbeat = .seconds(1)
            let delay = QueueDeclaration(
                queue + ".delay", isExclusive: true, arguments: ["x-message-ttl": 4_500, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .text(queue)])
            let publisher = try await Publisher.open(configuration, topology: Topology(queues: [delay]))
            let consumer = try await ConsumerConnection.open(configuration)
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 1)
            #expect(try await publisher.publish(LiveBroker.messages(9..<10, for: delay.name), deadline: .seconds(30)) == [.confirmed])
            #expect(try await subscription.next(max: 1).compactMap(LiveBroker.number) == [9])
            #expect(publisher.generation == 1 && consumer.generation == 1)
            #expect(publisher.health.isLive() && consumer.health.isLive())
            await consumer.close()
            await publisher.close()
        }
    }

    @Test func aMissingExchangeEndsAsUnconfirmedAndThePublisherGoesOn() async throws {
        try await LiveBroker.withQueue { publisher, _, queue in
            let outcomes = try await publisher.publish([Message(exchange: queue + ".missing", routingKey: "", body: [])], deadline: .seconds(30))
            #expect(outcomes == [.unconfirmed(.connectionLost)])
            #expect(try await publisher.publish(LiveBroker.messages(0..<1, for: queue), deadline: .seconds(30)) == [.confirmed])
            #expect(publisher.generation == 2)
        }
    }
}
