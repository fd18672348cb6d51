import FleetModel
import PostgreSQL

extension Ledger {
    /// Says that work on these begins now: only tasks that were started take a strike when their worker dies, so that neighbours in a batch are innocent.
    public func markStarted(_ leases: [LeaseRef], by worker: WorkerID) async throws {
        if leases.isEmpty { return }
        _ = try await query("mark tasks as started", """
            WITH k AS (SELECT r.task FROM running r JOIN unnest($1::bigint[], $2::bigint[]) s(task, seq) ON r.task = s.task AND r.seq = s.seq
                       WHERE r.worker = $3 ORDER BY r.task FOR UPDATE OF r)
            UPDATE running r SET started = true FROM k WHERE r.task = k.task
            """, [.int64Array(leases.map(\.task)), .int64Array(leases.map(\.seq)), .int32(worker.rawValue)])
    }

    /// Gives leases back unfinished, as when a worker drains: the tasks are ready again at once, under new tokens, without a strike.
    public func release(_ leases: [LeaseRef], by worker: WorkerID) async throws {
        if leases.isEmpty { return }
        try await transaction("release tasks") { try await Self.giveBack(leases, of: worker, $0) }
    }

    static func giveBack(_ leases: [LeaseRef], of worker: WorkerID, _ transaction: Transaction) async throws {
        if leases.isEmpty { return }
        let released = try await transaction.execute("""
            WITH k AS (SELECT r.task FROM running r JOIN unnest($1::bigint[], $2::bigint[]) s(task, seq) ON r.task = s.task AND r.seq = s.seq
                       WHERE r.worker = $3 ORDER BY r.task FOR UPDATE OF r),
                 x AS (DELETE FROM running r USING k WHERE r.task = k.task),
                 l AS (SELECT t.id, t.queue FROM task t JOIN k ON k.task = t.id WHERE t.state = 0 ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t)
            INSERT INTO ready (q, task) SELECT queue, id FROM l
            """, [.int64Array(leases.map(\.task)), .int64Array(leases.map(\.seq)), .int32(worker.rawValue)])
        if released > 0 { try await wakeUp(transaction) }
    }

    /// One wake-up at commit: a NOTIFY takes an instance-wide lock there, so at most one a batch.
    static func wakeUp(_ transaction: Transaction) async throws {
        _ = try await transaction.query("SELECT length(pg_notify($1, '')::text)", [.text(wakeUpChannel)])
    }
}
