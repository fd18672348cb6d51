import FleetModel
import Logging
import PostgreSQL

extension Ledger {
    /// The queues of live jobs in stages that are not paused, stream before bulk, then by priority and job. Read-only.
    ///
    /// - Parameter lane: only those of this lane; nil gives all.
    public func openQueues(lane: Lane? = nil) async throws -> [OpenQueue] {
        let rows = try await query("list its open queues", """
            SELECT q.id, s.name, q.version, q.lane, q.job, j.priority, j.task_limit, c.rate
            FROM queue q JOIN job j ON j.id = q.job JOIN stage s ON s.id = q.stage LEFT JOIN stage_control c ON c.stage = q.stage
            WHERE j.state IN (0, 1) AND q.lane = j.lane AND NOT COALESCE(c.paused, false) AND ($1::smallint IS NULL OR q.lane = $1)
            ORDER BY q.lane, j.priority DESC, q.job, q.id
            """, [.int16(lane?.rawValue)])
        return try rows.map { row in
            guard let lane = Lane(rawValue: try row.int16("lane")) else { throw FleetError("ledger.corrupt", "a queue's lane is neither stream nor bulk") }
            return OpenQueue(id: try row.int32("id"), stage: try NameCache.stageName(try row.text("name")), version: try row.int("version"), lane: lane,
                             job: JobID(rawValue: try row.int64("job")), priority: try row.int("priority"),
                             jobLimit: try row.intIfPresent("task_limit"), stageRate: try row.doubleIfPresent("rate"))
        }
    }

    /// Ready tokens of a queue with a number above `seq`, ascending. Read-only: a token may be gone when it is claimed.
    ///
    /// A cursor over `seq` is a hint only. Numbers are given out before they are committed, so 100 may appear after 101 was read: scan again from 0
    /// now and then, passing over what is known to be in flight.
    public func ready(in queue: Int32, after seq: Int64, limit: Int) async throws -> [ReadyToken] {
        let rows = try await query("read ready tokens", """
            SELECT l.epoch, r.seq, r.task FROM ready r CROSS JOIN ledger_state l WHERE r.q = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3
            """, [.int32(queue), .int64(seq), .int(limit)])
        return try rows.map { row in
            ReadyToken(epoch: try row.int64(0), queue: queue, seq: try row.int64(1), task: try row.int64(2))
        }
    }

    /// The first ready tokens of each of these queues, ascending by number; a queue without any is not in the answer. One question, however many jobs there are.
    public func ready(in queues: [Int32], limit: Int) async throws -> [Int32: [ReadyToken]] {
        if queues.isEmpty { return [:] }
        let rows = try await query("read ready tokens", """
            SELECT n.q, l.epoch, r.seq, r.task FROM unnest($1::integer[]) n(q) CROSS JOIN ledger_state l
            CROSS JOIN LATERAL (SELECT r.seq, r.task FROM ready r WHERE r.q = n.q ORDER BY r.seq LIMIT $2) r ORDER BY n.q, r.seq
            """, [.int32Array(queues), .int(limit)])
        var tokens: [Int32: [ReadyToken]] = [:]
        for row in rows {
            let queue = try row.int32(0)
            tokens[queue, default: []].append(ReadyToken(epoch: try row.int64(1), queue: queue, seq: try row.int64(2), task: try row.int64(3)))
        }
        return tokens
    }

    /// How many tasks of each of these jobs are leased; a job without any is not in the answer.
    public func leases(of jobs: Set<JobID>) async throws -> [JobID: Int] {
        if jobs.isEmpty { return [:] }
        let rows = try await query("count leases", "SELECT q.job, count(*) FROM running r JOIN queue q ON q.id = r.q WHERE q.job = ANY ($1) GROUP BY q.job",
                                   [.int64Array(jobs.map(\.rawValue).sorted())])
        return try Dictionary(uniqueKeysWithValues: rows.map { (JobID(rawValue: try $0.int64(0)), try $0.int(1)) })
    }

    /// Yields when something may have become ready: a commit said so, or the connection was made anew. Wake-ups that were not taken fall together.
    /// Polling stays the fallback.
    public func wakeUps(on configuration: ConnectionConfiguration) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task { [logger] in
                let listener = NotificationListener(configuration, channels: [Self.wakeUpChannel], logger: logger)
                do {
                    for try await _ in listener { continuation.yield() }
                } catch is CancellationError {
                } catch {
                    logger.warning("ledger.wake_ups.ended", metadata: ["error": "\(error)"])
                }
                await listener.close()
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
