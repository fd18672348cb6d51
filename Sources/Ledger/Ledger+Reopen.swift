import FleetModel
import PostgreSQL

extension Ledger {
    /// Opens dead tasks again, whose locks the caller holds: counts begin anew, `waiting` comes from the edges, subscribers count one dead task less, and
    /// finished jobs that have them are running again.
    ///
    /// - Parameter uncounted: a job, and those of the tasks that it subscribed to in this transaction and so never counted as dead.
    static func reopen(_ tasks: [Int64], uncounted: (job: JobID, tasks: [Int64])? = nil, _ transaction: Transaction) async throws {
        if tasks.isEmpty { return }
        try await transaction.execute("""
            WITH d AS (DELETE FROM dead WHERE task = ANY ($1))
            UPDATE task t SET state = 0, attempt = 0, strikes = 0,
                waiting = (SELECT count(*) FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)::smallint
            WHERE t.id = ANY ($1) AND t.state = 5
            """, [.int64Array(tasks)])
        try await transaction.execute("""
            INSERT INTO progress_delta (job, stage, kind, n)
            SELECT jt.job, t.stage, 5, -count(*) FROM job_task jt JOIN task t ON t.id = jt.task
            WHERE jt.task = ANY ($1) AND NOT (jt.job = $2 AND jt.task = ANY ($3)) GROUP BY jt.job, t.stage
            """, [.int64Array(tasks), .int64(uncounted?.job.rawValue ?? -1), .int64Array(uncounted?.tasks ?? [])])
        try await transaction.execute("""
            UPDATE job SET state = 1, finished_at = NULL WHERE state = 4 AND id IN (SELECT job FROM job_task WHERE task = ANY ($1))
            """, [.int64Array(tasks)])
    }
}
