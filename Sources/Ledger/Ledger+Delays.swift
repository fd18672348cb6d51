import FleetModel
import PostgreSQL

/// What several of a job's tasks wait for.
public struct JobDelay: Sendable, Equatable {
    public var stage: StageName
    public var reason: String
    public var tasks: Int

    public init(stage: StageName, reason: String, tasks: Int) {
        self.stage = stage
        self.reason = reason
        self.tasks = tasks
    }
}

extension Ledger {
    /// Why most of a job's delayed tasks wait, of those that are due first; nil where none is delayed. Looks at a bounded number of them: cheap enough to be asked while people watch.
    public func commonestDelay(of job: JobID) async throws -> JobDelay? {
        try await query("look at delays", """
            SELECT s.name, d.reason, count(*) AS count
            FROM (SELECT task, reason FROM delayed ORDER BY run_at LIMIT 1000) d JOIN job_task jt ON jt.task = d.task AND jt.job = $1
                JOIN task t ON t.id = d.task JOIN stage s ON s.id = t.stage
            GROUP BY s.name, d.reason ORDER BY count(*) DESC, s.name COLLATE "C", d.reason COLLATE "C" LIMIT 1
            """, [.int64(job.rawValue)]).first.map { row in
            JobDelay(stage: try NameCache.stageName(try row.text("name")), reason: try row.text("reason"), tasks: try row.int("count"))
        }
    }
}
