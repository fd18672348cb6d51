import FleetModel
import PostgreSQL

extension Ledger {
    /// Jobs, newest first, from the sums that settlements leave: cheap at any size.
    public func jobs(limit: Int = 100, before: JobID? = nil) async throws -> [JobSummary] {
        try await query("list jobs", Self.summaryStatement + " WHERE j.deleted_at IS NULL AND ($1::bigint IS NULL OR j.id < $1) ORDER BY j.id DESC LIMIT $2",
                        [.int64(before?.rawValue), .int(limit)]).map(Self.summary)
    }

    /// The newest job of that name.
    public func job(named name: String) async throws -> JobID? {
        try await query("look for a job", "SELECT id FROM job WHERE name = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1", [.text(name)]).first.map { JobID(rawValue: try $0.int64(0)) }
    }

    /// A job with the counts of each stage, all from one snapshot.
    public func job(_ id: JobID) async throws -> JobStatus {
        try await snapshot("read a job") { transaction in
            let key: [Parameter] = [.int64(id.rawValue)]
            guard let row = try await transaction.queryFirst(Self.summaryStatement + " WHERE j.id = $1 AND j.deleted_at IS NULL", key) else { throw Self.unknown(id) }
            let rows = try await transaction.query("""
                SELECT o.stage AS id, s.name, r.version, COALESCE(p.total, 0) AS total, COALESCE(p.reused, 0) AS reused, COALESCE(p.done, 0) AS done,
                       COALESCE(p.filtered, 0) AS filtered, COALESCE(p.dead, 0) AS dead
                FROM job_recipe o JOIN stage s ON s.id = o.stage JOIN recipe r ON r.id = o.recipe
                LEFT JOIN \(Self.progressView) p ON p.job = o.job AND p.stage = o.stage WHERE o.job = $1 ORDER BY o.ordinal
                """, key)
            let hasDead = try rows.contains { try $0.int("dead") > 0 }
            let ready = try await Self.counts(Self.readyCounts, id, transaction)
            let running = try await Self.counts(Self.heldCounts("running"), id, transaction)
            let delayed = try await Self.counts(Self.heldCounts("delayed"), id, transaction)
            let discarded = hasDead ? try await Self.counts(Self.discardedCounts, id, transaction) : [:]
            let blocked = hasDead ? try await Self.counts(Self.blockedCounts, id, transaction) : [:]
            let stages = try rows.map { row in
                let stage = try row.int16("id")
                var counts = StageCounts(
                    stage: try NameCache.stageName(try row.text("name")), version: try row.int("version"), total: try row.int("total"), waiting: 0,
                    ready: ready[stage] ?? 0, running: running[stage] ?? 0, delayed: delayed[stage] ?? 0, done: try row.int("done"),
                    reused: try row.int("reused"), filtered: try row.int("filtered"), dead: try row.int("dead") - (discarded[stage] ?? 0),
                    discarded: discarded[stage] ?? 0, blocked: blocked[stage] ?? 0)
                counts.waiting = max(0, counts.total - counts.ready - counts.running - counts.delayed - counts.done - counts.reused - counts.filtered
                    - counts.dead - counts.discarded - counts.blocked)
                return counts
            }
            return JobStatus(summary: try Self.summary(row), options: try row.text("options"), stages: stages)
        }
    }

    private static let summaryStatement = """
        SELECT j.id, j.name, c.name AS collection, j.lane, j.priority, j.state, j.planned_at IS NOT NULL AS planned, j.submitted_at, j.finished_at, j.planned_clips,
               j.total_clips, j.options, j.task_limit, p.total, p.reused, p.done, p.filtered, p.dead, COALESCE(x.discarded, 0) AS discarded
        FROM job j JOIN collection c ON c.id = j.collection
        CROSS JOIN LATERAL (SELECT COALESCE(sum(total), 0) AS total, COALESCE(sum(reused), 0) AS reused, COALESCE(sum(done), 0) AS done,
                                   COALESCE(sum(filtered), 0) AS filtered, COALESCE(sum(dead), 0) AS dead FROM \(progressView) v WHERE v.job = j.id) p
        LEFT JOIN (SELECT jt.job, count(*) AS discarded FROM dead d CROSS JOIN LATERAL (SELECT jt.job FROM job_task jt WHERE jt.task = d.task OFFSET 0) jt
                   WHERE d.discarded GROUP BY jt.job) x ON x.job = j.id
        """

    private static func summary(_ row: Row) throws -> JobSummary {
        guard let lane = Lane(rawValue: try row.int16("lane")), let state = JobState(rawValue: try row.int16("state")) else {
            throw FleetError("ledger.corrupt", "job \(try row.int64("id")) has a lane or a state that this program does not know")
        }
        return JobSummary(
            id: JobID(rawValue: try row.int64("id")), name: try row.text("name"), collection: try row.text("collection"), lane: lane,
            priority: try row.int("priority"), state: state, isPlanned: try row.bool("planned"), submittedAt: try row.timestamp("submitted_at").date,
            finishedAt: try row.timestampIfPresent("finished_at")?.date, clipsPlanned: try row.int("planned_clips"), clipsTotal: try row.int("total_clips"),
            total: try row.int("total"), done: try row.int("done"), reused: try row.int("reused"), filtered: try row.int("filtered"), dead: try row.int("dead") - row.int("discarded"),
            discarded: try row.int("discarded"), limit: try row.intIfPresent("task_limit"))
    }

    // MARK: what stands where

    private static func counts(_ sql: String, _ job: JobID, _ transaction: Transaction) async throws -> [Int16: Int] {
        var counts: [Int16: Int] = [:]
        for row in try await transaction.query(sql, [.int64(job.rawValue)]) { counts[try row.int16(0), default: 0] += try row.int(1) }
        return counts
    }

    /// Its own queues are counted by their index; in the queues of others only where one of those jobs runs one of the same recipes.
    private static let readyCounts = """
        SELECT q.stage, count(*) FROM queue q JOIN ready r ON r.q = q.id WHERE q.job = $1 GROUP BY q.stage
        UNION ALL
        SELECT q.stage, count(*) FROM job_recipe a JOIN job_recipe b ON b.recipe = a.recipe AND b.job <> a.job JOIN queue q ON q.id = b.queue
        JOIN ready r ON r.q = q.id JOIN job_task jt ON jt.task = r.task AND jt.job = $1 WHERE a.job = $1 GROUP BY q.stage
        """

    private static func heldCounts(_ table: String) -> String {
        """
        SELECT t.stage, count(*) FROM \(table) r CROSS JOIN LATERAL (SELECT t.stage FROM task t WHERE t.id = r.task OFFSET 0) t
        WHERE EXISTS (SELECT FROM job_task jt WHERE jt.task = r.task AND jt.job = $1 OFFSET 0) GROUP BY t.stage
        """
    }

    private static let discardedCounts = """
        SELECT d.stage, count(*) FROM dead d WHERE d.discarded AND EXISTS (SELECT FROM job_task jt WHERE jt.task = d.task AND jt.job = $1 OFFSET 0) GROUP BY d.stage
        """

    private static let blockedCounts = """
        WITH RECURSIVE b(id) AS (SELECT e.down FROM dead d JOIN job_task jt ON jt.task = d.task AND jt.job = $1 JOIN edge e ON e.up = d.task
                                 UNION SELECT e.down FROM b JOIN edge e ON e.up = b.id)
        SELECT t.stage, count(*) FROM b JOIN task t ON t.id = b.id AND t.state = 0 JOIN job_task jt ON jt.task = b.id AND jt.job = $1 GROUP BY t.stage
        """
}
