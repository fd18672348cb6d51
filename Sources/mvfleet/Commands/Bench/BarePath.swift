import FleetModel
import Foundation
import PostgreSQL
import RabbitMQ

/// No ledger: a message in a quorum queue becomes one row of results, and is acknowledged after the COMMIT. What task queues elsewhere do, for comparison.
///
/// The queue is filled beforehand, with confirmations (timed apart). Durable throughout: persistent messages, `synchronous_commit = on`.
struct BarePath: Sendable {
    enum Commits: Sendable {
        /// What arrived while the last rows were being written forms the next batch.
        case batched
        case perTask
    }

    struct Result: Sendable {
        var measurement: Measurement
        var publishedPerSecond: Double
    }

    /// About what Celery's message of a small task takes.
    static let payloadBytes = 512
    private static let queue = "mvfleet.bench-bare"
    private static let table = "CREATE TABLE bare_result (id text PRIMARY KEY, status integer NOT NULL, result text NOT NULL)"

    let setup: FleetSetup
    let meter: Meter
    let tasks: Int
    let commits: Commits

    /// Each has a connection and writes one batch at a time. Batches are written by one alone, so that acknowledgements come in order and one frame settles a batch.
    private var writers: Int { commits == .batched ? 1 : 32 }
    private var batch: Int { commits == .batched ? 2_000 : 1 }
    /// While a batch commits, the next ones are on their way.
    private var prefetch: Int { commits == .batched ? 4 * batch : 2 * writers }

    func run() async throws -> Result {
        try await BenchDatabase.with(setup, connections: writers + 1) { database in
            try await database.pool.execute(Self.table)
            let queues = try await BenchQueues.open(Topology(queues: [.quorum(Self.queue)]), setup)
            do {
                let published = try await fill(queues.publisher)
                let measurement = try await drain(database.pool)
                await queues.delete()
                return Result(measurement: measurement, publishedPerSecond: published)
            } catch {
                await queues.delete()
                throw error
            }
        }
    }

    /// - Returns: messages published and confirmed in a second.
    private func fill(_ publisher: Publisher) async throws -> Double {
        let started = ContinuousClock.now
        for start in stride(from: 0, to: tasks, by: 5_000) {
            let messages = (start..<min(start + 5_000, tasks)).map { _ in Message(routingKey: Self.queue, body: BareMessage.encode(id: UUID()), contentType: "application/json") }
            let outcomes = try await publisher.publish(messages, deadline: .seconds(60))
            let lost = outcomes.count { $0 != .confirmed }
            guard lost == 0 else { throw FleetError("bench.publish", "the broker did not confirm \(lost) messages: see its log and its alarms") }
        }
        return Double(tasks) / (ContinuousClock.now - started).exactSeconds
    }

    /// From the subscription to the last row.
    private func drain(_ pool: ConnectionPool) async throws -> Measurement {
        let consumer = try await ConsumerConnection.open(setup.amqp, logger: setup.logger)
        let before = meter.read()
        let started = ContinuousClock.now
        let subscription = try await consumer.subscribe(queue: Self.queue, prefetch: prefetch)
        let remaining = Remaining(tasks)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<writers {
                group.addTask {
                    try await pool.withConnection { connection in
                        while true {
                            let deliveries = try await subscription.next(max: batch)
                            try await Self.insert(deliveries, connection)
                            await subscription.complete(deliveries.map(\.tag))
                            if await remaining.subtract(deliveries.count) { return }
                        }
                    }
                }
            }
            // The writer that wrote the last row; the others wait for messages that will not come.
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        let seconds = (ContinuousClock.now - started).exactSeconds
        let after = meter.read()
        await consumer.close()
        let rows = try await pool.queryOne("SELECT count(*) FROM bare_result").int(0)
        guard rows == tasks else { throw FleetError("bench.incomplete", "\(rows) of \(tasks) results were written") }
        return Measurement(tasks: tasks, seconds: seconds, usage: after - before)
    }

    private static func insert(_ deliveries: [Delivery], _ connection: Connection) async throws {
        let ids = try deliveries.map { delivery in
            guard let id = BareMessage.id(of: delivery.body) else { throw FleetError("bench.message", "a message in \(queue) is not the benchmark's own") }
            return id
        }
        try await connection.execute("""
            INSERT INTO bare_result (id, status, result) SELECT id, 0, $2 FROM unnest($1::text[]) i(id) ON CONFLICT (id) DO NOTHING
            """, [.textArray(ids), .text("{\"frames\":15}")])
    }
}

/// Counts down across the writers.
private actor Remaining {
    private var count: Int

    init(_ count: Int) { self.count = count }

    /// - Returns: whether that was the last.
    func subtract(_ n: Int) -> Bool {
        count -= n
        return count <= 0
    }
}

/// `{"id":"…","pad":"…"}`, 512 bytes.
private enum BareMessage {
    private static let head = Array("{\"id\":\"".utf8)
    private static let idLength = 36
    private static let middle = Array("\",\"pad\":\"".utf8)
    private static let tail = [UInt8](repeating: UInt8(ascii: "x"), count: BarePath.payloadBytes - head.count - idLength - middle.count - 2) + Array("\"}".utf8)

    static func encode(id: UUID) -> [UInt8] { head + Array(id.uuidString.utf8) + middle + tail }

    static func id(of body: [UInt8]) -> String? {
        guard body.count == BarePath.payloadBytes, body.starts(with: head) else { return nil }
        return String(decoding: body[head.count..<head.count + idLength], as: UTF8.self)
    }
}
