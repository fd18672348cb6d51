import FleetModel
import PostgreSQL

extension Ledger {
    /// What one transaction took away.
    struct Invalidated: Sendable {
        /// How many were named, and the last of them.
        var named: Int
        var last: Int64
        /// Tasks that are to run again, by stage.
        var tasks: [Int16: Int]
        /// Jobs that had ended.
        var jobs: [JobID]
    }

    /// Opens ended tasks again with everything that was, or is being, made from them. The caller has the lock on what stands, so no planner adds to it meanwhile.
    static func reopenWithDependents(_ named: [Int64], rerun: Bool, _ transaction: Transaction) async throws -> Invalidated {
        let all = try await transaction.query("""
            WITH RECURSIVE c(id) AS (SELECT unnest($1::bigint[]) UNION SELECT e.down FROM c JOIN edge e ON e.up = c.id) SELECT id FROM c
            """, [.int64Array(named)]).map { try $0.int64(0) }
        try await lockWithJobs(all, transaction)
        // A filtered task whose verdict is another's that stands stays as it is.
        let rows = try await transaction.query("""
            SELECT t.id, t.stage FROM task t LEFT JOIN filtered f ON f.task = t.id
            WHERE t.id = ANY ($1) AND NOT (t.state = 4 AND NOT COALESCE(f.origin = ANY ($1), true))
            """, [.int64Array(all)])
        let tasks: Parameter = .int64Array(try rows.map { try $0.int64(0) })
        try await revoke(tasks, transaction)
        try await uncount(tasks, transaction)
        for table in ["result", "filtered", "dead"] { try await transaction.execute("DELETE FROM \(table) WHERE task = ANY ($1)", [tasks]) }
        try await transaction.execute("UPDATE task SET state = 0, attempt = 0, strikes = 0 WHERE id = ANY ($1) AND (state <> 0 OR attempt <> 0 OR strikes <> 0)", [tasks])
        try await transaction.execute("""
            UPDATE task t SET waiting = (SELECT count(*) FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)::smallint WHERE t.id = ANY ($1)
            """, [tasks])
        let filtered = try await transaction.query("""
            SELECT DISTINCT u.id FROM task t JOIN task u ON u.id = ANY (t.upstreams) AND u.state = 4 WHERE t.id = ANY ($1) AND t.state = 0
            """, [tasks]).map { try $0.int64(0) }
        try await cascadeFiltered(filtered, transaction)
        let jobs = try await transaction.query("""
            UPDATE job SET state = $2, finished_at = NULL WHERE state = 4 AND id IN (SELECT job FROM job_task WHERE task = ANY ($1)) RETURNING id
            """, [tasks, .int16((rerun ? JobState.running : .paused).rawValue)]).map { JobID(rawValue: try $0.int64(0)) }
        let (moved, added) = try await route(try rows.map { try $0.int64(0) }, parking: true, transaction)
        if moved + added > 0 { try await wakeUp(transaction) }
        let stages = try rows.map { try $0.int16(1) }
        return Invalidated(named: named.count, last: named.last ?? -1, tasks: Dictionary(stages.map { ($0, 1) }, uniquingKeysWith: +), jobs: jobs)
    }

    /// In the order in which locks are taken everywhere. The jobs too, so that none is closed meanwhile.
    private static func lockWithJobs(_ tasks: [Int64], _ transaction: Transaction) async throws {
        let tasks: Parameter = .int64Array(tasks)
        _ = try await transaction.query("SELECT FROM job WHERE id IN (SELECT job FROM job_task WHERE task = ANY ($1)) ORDER BY id FOR UPDATE", [tasks])
        for table in ["running", "delayed"] { _ = try await transaction.query("SELECT FROM \(table) WHERE task = ANY ($1) ORDER BY task FOR UPDATE", [tasks]) }
        _ = try await transaction.query("SELECT FROM task WHERE id = ANY ($1) ORDER BY rank, id FOR NO KEY UPDATE", [tasks])
    }

    /// Takes back what lets a task run: its fence refuses what a worker that has it may still settle. A claim that is under way is waited for (it waits for nobody),
    /// and its lease, which is younger than our locks, is seen by the statement after.
    private static func revoke(_ tasks: Parameter, _ transaction: Transaction) async throws {
        try await transaction.execute("""
            WITH k AS (SELECT r.q, r.seq FROM ready r WHERE r.task = ANY ($1) ORDER BY r.q, r.seq FOR UPDATE) DELETE FROM ready r USING k WHERE r.q = k.q AND r.seq = k.seq
            """, [tasks])
        try await transaction.execute("""
            WITH k AS (SELECT task FROM running WHERE task = ANY ($1) ORDER BY task FOR UPDATE) DELETE FROM running r USING k WHERE r.task = k.task
            """, [tasks])
        try await transaction.execute("DELETE FROM delayed WHERE task = ANY ($1)", [tasks])
    }

    /// Subscribers count what had ended as open. Which of them had found a result and which had waited for it is told by its age.
    private static func uncount(_ tasks: Parameter, _ transaction: Transaction) async throws {
        try await transaction.execute("""
            INSERT INTO progress_delta (job, stage, kind, n)
            SELECT jt.job, t.stage, CASE WHEN t.state = 3 AND r.at < j.submitted_at THEN \(ProgressKind.reused.rawValue) ELSE t.state END AS kind, -count(*)
            FROM task t LEFT JOIN result r ON r.task = t.id JOIN job_task jt ON jt.task = t.id JOIN job j ON j.id = jt.job
            WHERE t.id = ANY ($1) AND t.state <> 0 GROUP BY 1, 2, 3
            """, [tasks])
    }
}
