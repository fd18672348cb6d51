import FleetModel
import Foundation
import Logging
import PostgreSQL

extension Ledger {
    /// Removes deleted jobs past their grace time, then what no job refers to: tasks with their edges, results and verdicts, and superseded versions of clips
    /// (hazard 15). In transactions of some thousand rows; a kill on the way leaves a sound ledger, and the next collection goes on. Jobs that are planned at the
    /// same time keep what they reuse.
    ///
    /// One at a time: see ``withCollectionLock(_:)``.
    ///
    /// - Parameter dryRun: only counts, by what it finds in passing.
    public func collect(grace: Duration, dryRun: Bool = false, progress: (@Sendable (CollectionProgress) -> Void)? = nil) async throws -> CollectionReport {
        var report = CollectionReport()
        let jobs = try await collectableJobs(grace: grace)
        for job in jobs {
            progress?(CollectionProgress(step: .jobs, done: report.jobs, total: jobs.count))
            if !dryRun { try await removeRows(of: job) }
            report.jobs += 1
        }
        try await collectTasks(without: jobs, dryRun: dryRun, &report, progress)
        try await collectClipVersions(grace: grace, without: jobs, dryRun: dryRun, &report)
        report.answers = try await collectAnswers(grace: grace, dryRun: dryRun)
        if !dryRun, report != CollectionReport() {
            let (grace, tasks) = (grace.components.seconds, report.tasks)
            _ = try await transaction("record a collection") { try await record(.ledgerCollect, ["grace_seconds": grace], count: tasks, $0) }
        }
        logger.notice("ledger.collected", metadata: [
            "jobs": "\(report.jobs)", "tasks": "\(report.tasks)", "results": "\(report.results)", "bytes": "\(report.resultBytes)", "dry_run": "\(dryRun)",
        ])
        return report
    }

    /// For the length of `body`, nobody else collects or takes a backup.
    ///
    /// - Throws: `collection.busy` where somebody does.
    public func withCollectionLock<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await translated("lock collections") {
            try await pool.withConnection { connection in
                guard try await connection.queryOne("SELECT pg_try_advisory_lock(\(Self.collectionKey))").bool(0) else {
                    throw FleetError("collection.busy", "another collection, or a backup, is under way: wait for its end", isRetriable: true)
                }
                let result: Result<Value, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                _ = try await connection.query("SELECT pg_advisory_unlock(\(Self.collectionKey))")
                return try result.get()
            }
        }
    }

    static let collectionKey = "hashtextextended('mvfleet collection', 0)"

    // MARK: tasks

    /// Tasks are looked through in windows, without locks; what nobody seems to refer to is looked at again under them.
    private func collectTasks(without jobs: [JobID], dryRun: Bool, _ report: inout CollectionReport, _ progress: (@Sendable (CollectionProgress) -> Void)?) async throws {
        let total = try await query("estimate its size", "SELECT GREATEST(reltuples, 0)::bigint FROM pg_class WHERE oid = 'task'::regclass").first?.int(0) ?? 0
        let leaving: Parameter = .int64Array(jobs.map(\.rawValue))
        var after: Int64 = -1
        var seen = 0
        while true {
            guard let window = try await query("look for tasks that nobody needs", """
                WITH w AS MATERIALIZED (SELECT id FROM task WHERE id > $1 ORDER BY id LIMIT $2)
                SELECT max(w.id), count(*), COALESCE(array_agg(w.id ORDER BY w.id) FILTER (WHERE NOT EXISTS (
                           SELECT FROM job_task jt WHERE jt.task = w.id AND NOT jt.job = ANY ($3) OFFSET 0)), '{}') FROM w HAVING count(*) > 0
                """, [.int64(after), .int(Self.tasksPerWindow), leaving]).first else { return }
            after = try window.int64(0)
            seen += try window.int(1)
            let candidates = try window.int64Array(2)
            for start in stride(from: 0, to: candidates.count, by: policy.sweepBatch) {
                let batch = Array(candidates[start..<min(start + policy.sweepBatch, candidates.count)])
                let removed = dryRun ? try await size(of: batch) : try await transaction("remove tasks that nobody needs") { try await Self.remove(batch, $0) }
                report.tasks += removed.tasks
                report.results += removed.results
                report.resultBytes += removed.bytes
            }
            progress?(CollectionProgress(step: .tasks, done: seen, total: max(total, seen)))
        }
    }

    private static let tasksPerWindow = 20_000

    private func size(of tasks: [Int64]) async throws -> Removed {
        let row = try await query("measure results", "SELECT count(*), COALESCE(sum(octet_length(output)), 0)::bigint FROM result WHERE task = ANY ($1)", [.int64Array(tasks)]).first
        return Removed(tasks: tasks.count, results: try row?.int(0) ?? 0, bytes: try row?.int(1) ?? 0)
    }

    // MARK: versions of clips

    /// In a dry run the tasks that would be gone are still there.
    private func collectClipVersions(grace: Duration, without jobs: [JobID], dryRun: Bool, _ report: inout CollectionReport) async throws {
        let superseded = try await query("look for clip versions that nobody needs", """
            SELECT v.id FROM clip_version v JOIN clip c ON c.id = v.clip AND c.version <> v.id JOIN clip_version n ON n.id = c.version
            WHERE n.at <= clock_timestamp() - $1::interval AND NOT EXISTS (
                SELECT FROM task t WHERE t.clip = v.id AND (NOT $3 OR EXISTS (SELECT FROM job_task jt WHERE jt.task = t.id AND NOT jt.job = ANY ($2) OFFSET 0)))
              AND NOT EXISTS (SELECT FROM job_clip k WHERE k.version = v.id AND NOT k.job = ANY ($2)) ORDER BY v.id
            """, [.interval(max(grace, policy.leastGraceOfClipVersions)), .int64Array(jobs.map(\.rawValue)), .bool(dryRun)]).map { try $0.int64(0) }
        report.clipVersions = superseded.count
        if dryRun { return }
        for start in stride(from: 0, to: superseded.count, by: policy.sweepBatch) {
            _ = try await execute("remove clip versions that nobody needs", "DELETE FROM clip_version WHERE id = ANY ($1)",
                                  [.int64Array(Array(superseded[start..<min(start + policy.sweepBatch, superseded.count)]))])
        }
    }
}
