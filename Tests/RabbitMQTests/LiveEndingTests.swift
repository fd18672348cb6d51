import RabbitMQ
import Testing

@Suite(.enabled(if: LiveBroker.isThere, "set MVFLEET_TEST_AMQP_URL to test against a RabbitMQ server"), .timeLimit(.minutes(1)))
struct LiveEndingTests {
    @Test func aWrongPasswordIsRefusedAndNotQuoted() async throws {
        var configuration = try LiveBroker.configuration()
        configuration.password = "not-the-s3cret"
        let error = await #expect(throws: RabbitMQError.self) { try await Publisher.open(configuration) }
        #expect(error?.code == .accessRefused)
        #expect(error?.isRetriable == false)
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test func aMissingVirtualHostIsNamed() async throws {
        var configuration = try LiveBroker.configuration()
        configuration.virtualHost = "no-such-vhost"
        let error = await #expect(throws: RabbitMQError.self) { try await ConsumerConnection.open(configuration) }
        #expect(error?.code == .vhostNotAllowed)
        #expect(error?.message.contains("no-such-vhost") == true)
    }

    @Test(.enabled(if: LiveBroker.url?.hasPrefix("amqp://") == true, "the server's port speaks TLS")) func aPortWithoutTLSIsATLSFailure() async throws {
        var configuration = try LiveBroker.configuration()
        configuration.tls = ConnectionConfiguration.TLS(verifiesPeer: false)
        configuration.connectTimeout = .seconds(5)
        let error = await #expect(throws: RabbitMQError.self) { try await Publisher.open(configuration) }
        #expect(error?.code == .tlsFailure)
    }

    @Test func subscribingToAMissingQueueIsAnErrorAndTheConnectionGoesOn() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let error = await #expect(throws: RabbitMQError.self) { try await consumer.subscribe(queue: queue + ".missing", prefetch: 1) }
            #expect(error?.code == .notFound)
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 1)
            _ = try await publisher.publish(LiveBroker.messages(1..<2, for: queue), deadline: .seconds(30))
            #expect(try await subscription.next(max: 1).count == 1)
            #expect(consumer.generation == 1)
        }
    }

    @Test func closingResumesEverybodyPromptly() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 1)
            let waiting = (0..<2).map { _ in Task { try await subscription.next(max: 1) } }
            await Task.yield()
            let start = ContinuousClock.now
            await consumer.close()
            await publisher.close()
            for task in waiting { await #expect(throws: RabbitMQError.self) { try await task.value } }
            let late = await #expect(throws: RabbitMQError.self) { try await subscription.next(max: 1) }
            #expect(late?.code == .closed)
            let unsent = await #expect(throws: RabbitMQError.self) { try await publisher.publish(LiveBroker.messages(0..<1, for: queue), deadline: .seconds(1)) }
            #expect(unsent?.code == .closed)
            await consumer.close()
            #expect(consumer.health.state == .closed)
            #expect(.now - start < .seconds(5))
        }
    }

    @Test func aCancelledTaskStopsWaiting() async throws {
        try await LiveBroker.withQueue { publisher, consumer, queue in
            let subscription = try await consumer.subscribe(queue: queue, prefetch: 1)
            let task = Task { try await subscription.next(max: 1) }
            await Task.yield()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // Nothing is lost to the one who left.
            _ = try await publisher.publish(LiveBroker.messages(5..<6, for: queue), deadline: .seconds(30))
            #expect(try await subscription.next(max: 1).compactMap(LiveBroker.number) == [5])
        }
    }

    @Test func withoutAConnectionAPublishEndsAtItsDeadline() async throws {
        let publisher = try await Publisher.open(LiveBroker.configuration(), reconnect: ReconnectPolicy(first: .seconds(60), longest: .seconds(60)), randomFraction: { 1 })
        let events = publisher.events()
        await publisher.severConnection()
        await LiveBroker.wait(events) { if case .lost(1, _) = $0 { true } else { false } }
        let outcomes = try await publisher.publish([Message(routingKey: "nowhere", body: [])], deadline: .milliseconds(50))
        #expect(outcomes == [.unconfirmed(.notSent(.notConnected))])
        let error = await #expect(throws: RabbitMQError.self) { try await publisher.status(ofQueue: "nowhere") }
        #expect(error?.code == .notConnected && error?.isRetriable == true)
        #expect(publisher.health.state == .reconnecting && publisher.health.lastError?.code == .connectionLost)
        await publisher.close()
    }

    @Test func aCancelledPublishEndsAsAtItsDeadline() async throws {
        let publisher = try await Publisher.open(LiveBroker.configuration(), reconnect: ReconnectPolicy(first: .seconds(60), longest: .seconds(60)), randomFraction: { 1 })
        let events = publisher.events()
        await publisher.severConnection()
        await LiveBroker.wait(events) { if case .lost(1, _) = $0 { true } else { false } }
        let task = Task { try await publisher.publish([Message(routingKey: "nowhere", body: [])], deadline: .seconds(600)) }
        task.cancel()
        #expect(try await task.value == [.unconfirmed(.notSent(.notConnected))])
        await publisher.close()
    }

    @Test func aClosedPublisherIsHeldByNobody() async throws {
        weak var ended: Publisher?
        do {
            let publisher = try await Publisher.open(LiveBroker.configuration())
            ended = publisher
            await publisher.close()
        }
        // The actor's end stops its thread, which holds the loop only.
        while ended != nil { await Task.yield() }
    }

    @Test func theServersVersionIsKnown() async throws {
        let publisher = try await Publisher.open(LiveBroker.configuration())
        #expect(publisher.serverVersion?.split(separator: ".").count ?? 0 >= 3)
        await publisher.close()
    }
}

@Suite struct UnreachableBrokerTests {
    @Test func nothingListensThere() async throws {
        let error = await #expect(throws: RabbitMQError.self) { try await Publisher.open(ConnectionConfiguration(host: "127.0.0.1", port: 1)) }
        #expect(error?.code == .cannotConnect && error?.isRetriable == true)
        #expect(error?.message.contains("127.0.0.1:1") == true)
    }

    @Test func aHostWithoutAnAddressIsNamed() async throws {
        let error = await #expect(throws: RabbitMQError.self) { try await ConsumerConnection.open(ConnectionConfiguration(host: "no-such-host.invalid")) }
        #expect(error?.code == .cannotResolve)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    @Test func anUnreadableAuthorityFileIsNamed() async throws {
        let configuration = ConnectionConfiguration(host: "127.0.0.1", port: 1, tls: ConnectionConfiguration.TLS(authorityFile: "/nonexistent/ca.pem"))
        let error = await #expect(throws: RabbitMQError.self) { try await Publisher.open(configuration) }
        #expect(error?.code == .tlsFailure)
        #expect(error?.message.contains("/nonexistent/ca.pem") == true)
    }
}
