import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// Says that a process that asks language models lives. One that says nothing for the length of its lease is taken for dead, and what it was asking may be asked
    /// again by others.
    public func keepGateway(_ gateway: UUID, host: String, pid: Int32, lease: Duration) async throws {
        _ = try await query("keep a gateway's lease", """
            INSERT INTO llm_gateway (id, host, pid, until) VALUES ($1, $2, $3, clock_timestamp() + $4) ON CONFLICT (id) DO UPDATE SET until = EXCLUDED.until
            """, [.uuid(gateway.byteArray), .text(host), .int32(pid), .interval(lease)])
    }

    /// Ends it at once: nothing of it is under way any more.
    public func endGateway(_ gateway: UUID) async throws {
        try await transaction("end a gateway") { transaction in
            try await transaction.execute("DELETE FROM llm_gateway WHERE id = $1", [.uuid(gateway.byteArray)])
            try await transaction.execute("UPDATE llm_keeper SET holder = NULL, until = '-infinity' WHERE holder = $1", [.uuid(gateway.byteArray)])
        }
    }

    /// Takes or renews the care for what all gateways have in common: one has it at a time.
    public func keepLanguageModels(_ gateway: UUID, lease: Duration) async throws -> Bool {
        try await !query("take care of language models", """
            UPDATE llm_keeper SET holder = $1, until = clock_timestamp() + $2 WHERE holder IS NULL OR holder = $1 OR until <= clock_timestamp() RETURNING 1
            """, [.uuid(gateway.byteArray), .interval(lease)]).isEmpty
    }

    /// Gives back what dead processes had reserved, makes due what need not wait any more, and forgets dead processes. About every few seconds, by whoever has the care.
    ///
    /// The intents of the dead stay: they may have been paid for, and say so when they are asked again.
    public func sweepLanguageModels() async throws {
        try await transaction("clear dead requests") { transaction in
            let rows = try await transaction.query("""
                WITH k AS (SELECT i.digest, i.job, i.reserve FROM llm_intent i
                           WHERE i.reserve > 0 AND NOT EXISTS (SELECT FROM llm_gateway g WHERE g.id = i.gateway AND g.until > clock_timestamp())
                           ORDER BY i.digest LIMIT $1 FOR UPDATE OF i SKIP LOCKED)
                UPDATE llm_intent i SET reserve = 0 FROM k WHERE i.digest = k.digest RETURNING k.job, k.reserve
                """, [.int(policy.sweepBatch)])
            try await Self.release(try rows.reduce(into: [:]) { if let job = try $1.int64IfPresent(0) { $0[job, default: 0] += try $1.int64(1) } }, transaction)
            try await transaction.execute("DELETE FROM llm_gateway WHERE until < clock_timestamp() - interval '1 hour'")
        }
        try await transaction("drop requests of cancelled jobs") { transaction in
            let rows = try await transaction.query("""
                WITH k AS (SELECT l.digest FROM job j JOIN llm_line l ON l.job = j.id AND l.batch IS NULL WHERE j.state = 3 ORDER BY l.digest LIMIT $1 FOR UPDATE OF l SKIP LOCKED)
                DELETE FROM llm_line l USING k WHERE l.digest = k.digest RETURNING l.job, l.reserve
                """, [.int(policy.sweepBatch)])
            try await Self.release(try rows.reduce(into: [:]) { try $0[$1.int64(0), default: 0] += $1.int64(1) }, transaction)
        }
        try await wakeLanguageModelWaiters()
    }

    /// Tasks that were, or are about to be, deferred until something comes about in these tables.
    ///
    /// - Parameter digest: whose answer is waited for; nil for the job's budget.
    public func noteWaiters(_ tasks: [(task: Int64, job: Int64?, digest: [UInt8]?)]) async throws {
        if tasks.isEmpty { return }
        let tasks = Dictionary(tasks.map { ($0.task, $0) }) { $1 }.values.sorted { $0.task < $1.task }
        _ = try await query("note who waits", """
            INSERT INTO llm_waiter (task, job, digest) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
            ON CONFLICT (task) DO UPDATE SET job = EXCLUDED.job, digest = EXCLUDED.digest, at = now()
            """, [.int64Array(tasks.map(\.task)), .int64Array(tasks.map(\.job)), .byteaArray(tasks.map(\.digest))])
    }

    /// Makes tasks due whose answer is there, or whose request goes by no batch any more, or whose job has money again or ended, or that another job with money
    /// wants too. A task that is not deferred yet is looked at
    /// again: its settlement may be on its way.
    ///
    /// - Returns: how many became due.
    @discardableResult
    func wakeLanguageModelWaiters() async throws -> Int {
        var woken = 0
        while true {
            let batch = policy.sweepBatch
            let (found, due) = try await transaction("make due what waited for a language model") { transaction in
                let row = try await transaction.queryOne("""
                    WITH k AS MATERIALIZED (
                             SELECT w.task, w.at FROM llm_waiter w
                             WHERE CASE WHEN w.digest IS NULL
                                   THEN NOT EXISTS (SELECT FROM llm_budget b JOIN job j ON j.id = b.job WHERE b.job = w.job AND b.reached_at IS NOT NULL AND j.state < 3 OFFSET 0)
                                        OR EXISTS (SELECT FROM job_task o JOIN job j ON j.id = o.job WHERE o.task = w.task AND o.job <> w.job AND j.state = 1
                                                   AND NOT EXISTS (SELECT FROM llm_budget b WHERE b.job = o.job AND b.reached_at IS NOT NULL) OFFSET 0)
                                   ELSE NOT EXISTS (SELECT FROM llm_line l WHERE l.digest = w.digest AND l.is_batchable OFFSET 0) END
                             ORDER BY w.task LIMIT $1 FOR UPDATE OF w SKIP LOCKED),
                         y AS MATERIALIZED (SELECT y.task FROM delayed y JOIN k ON k.task = y.task ORDER BY y.task FOR UPDATE OF y SKIP LOCKED),
                         u AS (UPDATE delayed y SET run_at = clock_timestamp() FROM y k WHERE y.task = k.task AND y.run_at > clock_timestamp() RETURNING y.task),
                         d AS (DELETE FROM llm_waiter w USING k WHERE w.task = k.task AND (w.task IN (SELECT task FROM y) OR k.at < now() - interval '10 minutes'))
                    SELECT (SELECT count(*) FROM k) AS found, (SELECT count(*) FROM u) AS due
                    """, [.int(batch)])
                return (found: try row.int(0), due: try row.int(1))
            }
            woken += due
            // Those that are not deferred yet come first again: they are few, and are seen to next time.
            if found < batch || due == 0 { return woken }
        }
    }
}
