import FleetModel
import Ledger
import RabbitMQ

/// What people set for jobs and stages, as the dispatcher carries it out.
extension Dispatcher {
    /// Takes out of the broker what was sent of jobs and stages that are paused or over: it would find nothing, and pile up where nobody consumes.
    func dropClosed(_ open: [BrokerQueue: [OpenQueue]]) async throws {
        for (broker, window) in windows {
            let queues = Set((open[broker] ?? []).map(\.id))
            if !window.queues.isSubset(of: queues) { try await withdraw(broker) }
            guard queues.isEmpty else { continue }
            windows[broker] = nil
            orders[broker] = nil
            precedence[broker] = nil
        }
    }

    /// Under a limit that is new or lower, what is out is too much.
    func callBack(_ tightened: LimitWatch.Tightened, _ open: [BrokerQueue: [OpenQueue]]) async throws {
        for stage in tightened.stages.sorted() {
            try await ledger.withdraw(stage: stage, lane: lane)
            for broker in open.keys where broker.stage == stage { try await withdraw(broker) }
        }
        for job in tightened.jobs.sorted() { try await ledger.withdraw(job: job) }
    }

    /// What the broker holds is thrown away and forgotten: it stands in the ledger, and is sent again.
    func withdraw(_ broker: BrokerQueue) async throws {
        windows[broker]?.forgetAll()
        _ = try await ask(broker) { () async throws(RabbitMQError) in try await publisher.purge(queue: broker.name) }
    }

    /// How many more tokens of each job with a limit may go out. What is out elsewhere was counted when it was last read, so at worst too few go.
    ///
    /// - Parameter waiting: the queues of this broker queue that have ready rows, read before the leases are counted here: a token that is claimed between the
    ///   two counts twice, and none is missed.
    func jobRoom(_ waiting: [OpenQueue], of broker: BrokerQueue, _ everything: [OpenQueue]) async throws -> [JobID: Int] {
        let limited = waiting.filter { $0.jobLimit != nil }
        if limited.isEmpty { return [:] }
        guard try await hasWorker(broker) else {
            // A job's few tokens go where somebody takes them.
            if limited.contains(where: { (windows[broker]?.outstandingCount(in: $0.id) ?? 0) > 0 }) { try await withdraw(broker) }
            return Dictionary(limited.map { ($0.job, 0) }) { first, _ in first }
        }
        let leases = try await ledger.leases(of: Set(limited.map(\.job)))
        var room: [JobID: Int] = [:]
        for queue in limited {
            guard let limit = queue.jobLimit else { continue }
            let out = everything.lazy.filter { $0.job == queue.job }.reduce(0) { sum, other in
                sum + (windows[BrokerQueue(stage: other.stage, version: other.version, lane: other.lane)]?.outstandingCount(in: other.id) ?? 0)
            }
            room[queue.job] = max(limit - out - leases[queue.job, default: 0], 0)
        }
        return room
    }

    private func hasWorker(_ queue: BrokerQueue) async throws -> Bool {
        try await ask(queue) { () async throws(RabbitMQError) in try await publisher.status(ofQueue: queue.name).consumers > 0 } ?? false
    }
}
