import FleetModel
import Logging
import PostgreSQL

extension Ledger {
    /// Looks through a window of the tasks of one live job, the one audited longest ago, for what should never be: an open task that waits for nothing and has no
    /// ready row, lease or date; a wrong count of upstreams; an open task behind a filtered one. A sound ledger has none.
    func audit(_ report: inout SweepReport) async throws {
        guard let window = try await auditWindow() else { return }
        let suspects = try await query("audit tasks", """
            SELECT t.id FROM task t
            WHERE t.id = ANY ($1) AND t.state = 0 AND (
                (t.waiting = 0 AND NOT EXISTS (SELECT FROM ready r WHERE r.task = t.id OFFSET 0) AND NOT EXISTS (SELECT FROM running r WHERE r.task = t.id OFFSET 0)
                               AND NOT EXISTS (SELECT FROM delayed y WHERE y.task = t.id OFFSET 0))
                OR (t.upstreams IS NOT NULL AND t.waiting <> (SELECT count(*) FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3))
                OR (t.waiting > 0 AND EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state = 4)))
            """, [.int64Array(window)]).map { try $0.int64(0) }
        if suspects.isEmpty { return }
        report.repaired += try await repair(suspects)
    }

    /// - Returns: the window's tasks; nil where no job is live.
    private func auditWindow() async throws -> [Int64]? {
        try await transaction("choose what to audit") { [policy] transaction in
            guard let row = try await transaction.queryFirst("""
                SELECT j.id, COALESCE(a.key, '') AS key FROM job j LEFT JOIN job_audit a ON a.job = j.id WHERE j.state IN (0, 1)
                ORDER BY a.at NULLS FIRST, j.id LIMIT 1
                """) else { return nil }
            let job = try row.int64(0)
            let rows = try await transaction.query("SELECT key, tasks FROM job_clip WHERE job = $1 AND key > $2 ORDER BY key LIMIT $3",
                                                   [.int64(job), .text(try row.text(1)), .int(policy.auditedClipsPerSweep)])
            let end = rows.count < policy.auditedClipsPerSweep ? "" : try rows[rows.count - 1].text(0)
            try await transaction.execute("""
                INSERT INTO job_audit AS a (job, key, at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT (job) DO UPDATE SET key = EXCLUDED.key, at = EXCLUDED.at
                """, [.int64(job), .text(end)])
            return try Set(rows.flatMap { try $0.int64Array(1) }).sorted()
        }
    }

    /// Counts again under locks, follows filtered upstreams, and makes ready what can run and somebody live wants.
    private func repair(_ suspects: [Int64]) async throws -> Int {
        try await transaction("repair tasks") { [logger] transaction in
            _ = try await transaction.query("""
                SELECT FROM task t WHERE t.id = ANY ($1) OR t.id IN (SELECT unnest(s.upstreams) FROM task s WHERE s.id = ANY ($1))
                ORDER BY t.rank, t.id FOR NO KEY UPDATE
                """, [.int64Array(suspects)])
            let recounted = try await transaction.query("""
                WITH n AS (SELECT t.id, (SELECT count(*) FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)::smallint AS waiting
                           FROM task t WHERE t.id = ANY ($1) AND t.state = 0)
                UPDATE task t SET waiting = n.waiting FROM n WHERE t.id = n.id AND t.waiting <> n.waiting RETURNING t.id
                """, [.int64Array(suspects)]).count
            let filtered = try await transaction.query("""
                SELECT DISTINCT u.id FROM task t JOIN task u ON u.id = ANY (t.upstreams) AND u.state = 4 WHERE t.id = ANY ($1) AND t.state = 0
                """, [.int64Array(suspects)]).map { try $0.int64(0) }
            try await Self.cascadeFiltered(filtered, transaction)
            let (_, added) = try await Self.route(suspects, transaction)
            if added > 0 { try await Self.wakeUp(transaction) }
            let repaired = recounted + filtered.count + added
            if repaired > 0 {
                logger.warning("ledger.repaired", metadata: ["recounted": "\(recounted)", "filtered": "\(filtered.count)", "made_ready": "\(added)"])
            }
            return repaired
        }
    }
}
