import RabbitMQ

/// A benchmark's own queues: empty at the start, gone at the end.
struct BenchQueues: Sendable {
    let publisher: Publisher
    private let names: [String]

    static func open(_ topology: Topology, _ setup: FleetSetup) async throws -> BenchQueues {
        let publisher = try await Publisher.open(setup.amqp, logger: setup.logger)
        let queues = BenchQueues(publisher: publisher, names: topology.queues.map(\.name))
        // What an interrupted run left.
        for name in queues.names { try await publisher.delete(queue: name) }
        try await publisher.declare(topology)
        return queues
    }

    /// Also after a failure: what cannot be deleted now is deleted by the next run.
    func delete() async {
        for name in names { try? await publisher.delete(queue: name) }
        await publisher.close()
    }
}
