import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// What happened to this clip in this job, over all stages and attempts.
    ///
    /// - Throws: as `explain(clip:in:)`.
    public func timeline(of key: String, in job: JobID) async throws -> ClipTimeline {
        let facts = try await clipFacts(key, in: job)
        let tasks = facts.stages.compactMap { $0.task?.id }
        // What comes between the two snapshots is an attempt more; its task's count stays as it was.
        return try await snapshot("read a clip's history") { [policy] transaction in
            let workers = try await Self.explainedWorkers(of: tasks, silence: .zero, transaction)
            let attempts = try await transaction.query("""
                SELECT task, attempt, at, worker, milliseconds, retriable, code, message, cause FROM attempt WHERE task = ANY ($1) ORDER BY at, task, attempt
                LIMIT \(timelineAttempts)
                """, [.int64Array(tasks)]).map { row in
                var error = FleetError(FleetError.Code(rawValue: try row.text("code")), try row.text("message"), isRetriable: try row.bool("retriable"))
                error.cause = try row.textIfPresent("cause")
                return TimelineAttempt(task: try row.int64("task"), number: try row.int("attempt"), at: try row.timestamp("at").date,
                                       worker: try row.int32IfPresent("worker").map { workers.reference($0) }, duration: .milliseconds(try row.int("milliseconds")),
                                       error: error)
            }
            let actions = try await transaction.query("""
                SELECT id, at, who, action, filter, count FROM audit WHERE at >= $1 ORDER BY id LIMIT \(timelineActions)
                """, [.timestamp(Timestamp(facts.job.submittedAt))]).map { row in
                AuditRecord(id: try row.int64("id"), at: try row.timestamp("at").date, who: try row.text("who"), action: try row.text("action"),
                            filter: try row.text("filter"), count: try row.int("count"))
            }
            let times = try await transaction.queryOne("""
                SELECT j.planned_at, (SELECT v.at FROM job_clip c JOIN clip_version v ON v.id = c.version WHERE c.job = j.id AND c.key = $2) AS ingested_at
                FROM job j WHERE j.id = $1
                """, [.int64(job.rawValue), .text(key)])
            return ClipTimeline(facts, attempts: attempts, actions: actions, ingestedAt: try times.timestampIfPresent("ingested_at")?.date,
                                plannedAt: try times.timestampIfPresent("planned_at")?.date, historyKept: policy.historyKept)
        }
    }
}

/// A task is dead after a handful of attempts; only many retries by hand come near this.
private let timelineAttempts = 10_000
/// What people do by hand is few.
private let timelineActions = 10_000
