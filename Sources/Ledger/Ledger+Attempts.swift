import FleetModel
import PostgreSQL

extension Ledger {
    /// The failed attempts of a task, oldest first.
    public func attempts(of task: Int64) async throws -> [AttemptRecord] {
        try await query("list attempts", """
            SELECT attempt, at, worker, milliseconds, retriable, code, message, cause FROM attempt WHERE task = $1 ORDER BY at, attempt LIMIT 1000
            """, [.int64(task)]).map { row in
            AttemptRecord(attempt: try row.int("attempt"), at: try row.timestamp("at").date, worker: try row.int32IfPresent("worker").map { WorkerID(rawValue: $0) },
                          error: try Self.error(row), duration: .milliseconds(try row.int("milliseconds")))
        }
    }

    /// With which codes the attempts of these tasks failed that count now: those since the task was last opened. Lost workers are no attempts of the task's own.
    public func failureCodes(of claims: [Claim]) async throws -> [Int64: [FleetError.Code: Int]] {
        if claims.isEmpty { return [:] }
        let rows = try await query("count the codes of attempts", """
            SELECT m.task, a.code, count(*) FROM unnest($1::bigint[], $2::integer[]) m(task, attempts)
            CROSS JOIN LATERAL (SELECT a.code FROM attempt a WHERE a.task = m.task AND a.code <> $3 ORDER BY a.at DESC, a.attempt DESC LIMIT m.attempts) a
            GROUP BY m.task, a.code
            """, [.int64Array(claims.map(\.task)), .int32Array(claims.map { Int32(clamping: $0.attempt) }), .text(FleetError.Code.workerLost.rawValue)])
        var codes: [Int64: [FleetError.Code: Int]] = [:]
        for row in rows { codes[try row.int64(0), default: [:]][FleetError.Code(rawValue: try row.text(1))] = try row.int(2) }
        return codes
    }

    /// A task with its failed attempts; nil where there is no such task.
    public func history(of task: Int64) async throws -> TaskHistory? {
        try await histories("t.id = $1", [.int64(task)]).first
    }

    /// The tasks of a clip that have failed in any attempt, or have ended without a result, in the order of the pipeline.
    ///
    /// - Parameter job: only as this job knows the clip; nil for all jobs.
    public func histories(ofClip key: String, job: JobID? = nil) async throws -> [TaskHistory] {
        try await histories("""
            t.id IN (SELECT unnest(c.tasks) FROM job j JOIN job_clip c ON c.job = j.id AND c.key = $1 WHERE $2::bigint IS NULL OR j.id = $2)
            AND (t.state IN (4, 5) OR EXISTS (SELECT FROM attempt a WHERE a.task = t.id))
            """, [.text(key), .int64(job?.rawValue)])
    }

    private func histories(_ condition: String, _ parameters: [Parameter]) async throws -> [TaskHistory] {
        let rows = try await query("read tasks", """
            SELECT t.id AS task, s.name, c.key, t.state, t.attempt, t.strikes, d.task IS NOT NULL AS is_dead, d.code, d.message, d.cause, d.retriable, d.discarded,
                   COALESCE(d.at, f.at) AS at, f.reason
            FROM task t JOIN stage s ON s.id = t.stage JOIN clip_version v ON v.id = t.clip JOIN clip c ON c.id = v.clip
            LEFT JOIN dead d ON d.task = t.id LEFT JOIN filtered f ON f.task = t.id
            WHERE \(condition) ORDER BY t.rank, t.id LIMIT 1000
            """, parameters)
        var histories: [TaskHistory] = []
        for row in rows {
            guard let state = TaskState(rawValue: try row.int16("state")) else { throw FleetError("ledger.corrupt", "a task has a state that this program does not know") }
            var ending: TaskHistory.Ending?
            if try row.bool("is_dead") {
                ending = .dead(try Self.failure(row))
            } else if let reason = try row.textIfPresent("reason") {
                ending = .filtered(reason: reason, at: try row.timestamp("at").date)
            }
            let task = try row.int64("task")
            histories.append(TaskHistory(task: task, stage: try NameCache.stageName(try row.text("name")), clipKey: try row.text("key"), state: state, ending: ending,
                                         attempts: try await attempts(of: task)))
        }
        return histories
    }
}
