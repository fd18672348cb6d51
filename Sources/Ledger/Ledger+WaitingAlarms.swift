import FleetModel
import PostgreSQL

/// Tasks that wait for what does not come.
extension Ledger {
    /// Live, planned jobs with open tasks of which nothing is ready, leased or dated, although no failure blocks them: nothing will ever move them.
    /// Decided by sums and by indices; a sweep or two closes a job whose last task has just ended.
    static func stalledJobs(_ transaction: Transaction) async throws -> [Alarm] {
        try await transaction.query("""
            SELECT j.id, j.name, p.open FROM job j
            CROSS JOIN LATERAL (SELECT COALESCE(sum(v.total - v.reused - v.done - v.filtered - v.dead), 0)::bigint AS open, COALESCE(sum(v.dead), 0)::bigint AS dead
                                FROM \(progressView) v WHERE v.job = j.id) p
            WHERE j.state = 1 AND j.planned_at IS NOT NULL AND p.open > 0 AND p.dead = 0
              AND NOT EXISTS (SELECT FROM job_recipe a JOIN job_recipe b ON b.recipe = a.recipe JOIN ready r ON r.q = b.queue WHERE a.job = j.id OFFSET 0)
              AND NOT EXISTS (SELECT FROM running r JOIN job_task jt ON jt.task = r.task AND jt.job = j.id)
              AND NOT EXISTS (SELECT FROM delayed y JOIN job_task jt ON jt.task = y.task AND jt.job = j.id)
            ORDER BY j.id LIMIT 20
            """).map { row in
            let id = try row.int64("id")
            return Alarm("job.stalled", .fault, "job \(id) '\(try row.text("name"))' has \(try row.int("open")) open tasks, and none of them is ready, leased or due: nothing will ever free them",
                         remedy: "a running coordinator audits and repairs this within minutes; if it stays: mvfleet doctor, and mvfleet job \(id) explain CLIP for one of them")
        }
    }

    /// Waiting tasks of live jobs without an upstream that is open, or dead: their counts are wrong, and only the audit frees them.
    static func strandedTasks(_ transaction: Transaction) async throws -> [Alarm] {
        let row = try await transaction.queryOne("""
            SELECT count(*) AS tasks, min(t.id) AS example FROM task t
            WHERE t.state = 0 AND t.waiting > 0
              AND (NOT EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state IN (0, 5) OFFSET 0)
                   OR EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state = 4 OFFSET 0))
              AND EXISTS (SELECT FROM job_task jt JOIN job j ON j.id = jt.job AND j.state IN (0, 1) WHERE jt.task = t.id OFFSET 0)
            """, timeout: .seconds(600))
        let tasks = try row.int("tasks")
        guard tasks > 0 else { return [] }
        return [Alarm("task.stranded", .fault, "\(tasks) tasks wait although nothing upstream of them is to come (task \(try row.int64("example")), for example)",
                      remedy: "the audit of a running coordinator repairs them within minutes; if they stay, keep the database and report it: a count went wrong")]
    }

    /// Open tasks behind dead ones: a retry frees them, nothing else does.
    static func blockedTasks(_ transaction: Transaction) async throws -> [Alarm] {
        let rows = try await transaction.query("""
            WITH RECURSIVE d AS (SELECT d.task, jt.job FROM dead d JOIN job_task jt ON jt.task = d.task JOIN job j ON j.id = jt.job AND j.state IN (0, 1) LIMIT \(deadTraced)),
                 b(id, job) AS (SELECT e.down, d.job FROM d JOIN edge e ON e.up = d.task UNION SELECT e.down, b.job FROM b JOIN edge e ON e.up = b.id)
            SELECT d.job, count(*) AS dead, (SELECT count(*) FROM b JOIN task t ON t.id = b.id AND t.state = 0 WHERE b.job = d.job
                                                AND EXISTS (SELECT FROM job_task jt WHERE jt.task = b.id AND jt.job = b.job OFFSET 0)) AS blocked
            FROM d GROUP BY d.job ORDER BY d.job LIMIT 20
            """, timeout: .seconds(60))
        return try rows.compactMap { row in
            let job = try row.int64("job"), blocked = try row.int("blocked"), dead = try row.int("dead")
            guard blocked > 0 else { return nil }
            return Alarm("task.blocked", .warning, "\(blocked) tasks of job \(job) are blocked by \(dead) dead ones: only a retry frees them",
                         remedy: "mvfleet failures list --job \(job); mend the cause; mvfleet failures retry --job \(job)")
        }
    }

    /// Past so many dead tasks their number is the alarm.
    private static let deadTraced = 20_000
}
