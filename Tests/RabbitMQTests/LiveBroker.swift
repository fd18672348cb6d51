import Foundation
import RabbitMQ
import Testing

/// The broker that integration tests use, and queues whose names no other test has.
enum LiveBroker {
    static let url = ProcessInfo.processInfo.environment["MVFLEET_TEST_AMQP_URL"]
    static let isThere = url != nil

    static func configuration() throws -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(url: #require(url))
        configuration.clientName = "mvfleet-tests"
        configuration.callTimeout = .seconds(30)
        return configuration
    }

    static let fastReconnect = ReconnectPolicy(first: .milliseconds(20), longest: .milliseconds(200))

    /// Opens both connections on one fresh queue, and deletes the queue afterwards.
    static func withQueue(_ body: (Publisher, ConsumerConnection, String) async throws -> Void) async throws {
        let name = "test.\(UUID().uuidString)"
        let topology = Topology(queues: [.quorum(name, deliveryLimit: 20)])
        let publisher = try await Publisher.open(try configuration(), topology: topology, reconnect: fastReconnect)
        let consumer = try await ConsumerConnection.open(try configuration(), topology: topology, reconnect: fastReconnect)
        let result: Result<Void, any Error>
        do { result = .success(try await body(publisher, consumer, name)) } catch { result = .failure(error) }
        await consumer.close()
        await publisher.close()
        let cleaner = try await Publisher.open(try configuration())
        try await cleaner.delete(queue: name)
        await cleaner.close()
        try result.get()
    }

    static func messages(_ numbers: Range<Int>, for queue: String) -> [Message] {
        numbers.map { Message(routingKey: queue, body: Array("message \($0)".utf8), contentType: "text/plain") }
    }

    static func number(of delivery: Delivery) -> Int? { Int(String(decoding: delivery.body, as: UTF8.self).dropFirst("message ".count)) }

    /// Waits for an event of a stream; the test's time limit bounds it.
    static func wait(_ events: AsyncStream<ConnectionEvent>, until isWanted: (ConnectionEvent) -> Bool) async {
        for await event in events where isWanted(event) { return }
    }

    /// Asks until the queue is so; a quorum queue hears of closed channels a little later. The test's time limit bounds it.
    static func wait(_ publisher: Publisher, _ queue: String, is wanted: QueueStatus) async throws {
        while try await publisher.status(ofQueue: queue) != wanted { await Task.yield() }
    }
}
