import FleetModel
import PostgreSQL

extension Ledger {
    /// How each clip of a job ended, by clip key in byte order, in pages: give the last key back for the next one. Each page is one snapshot.
    ///
    /// - Parameter stages: whose outputs to read; nil reads all. Endings of the others come without output.
    public func results(of job: JobID, stages: Set<StageName>? = nil, after key: String? = nil, limit: Int = 200) async throws -> [ClipResults] {
        try await snapshot("read results") { transaction in
            let plan = try await Self.jobStages(job, transaction)
            let clips = try await transaction.query("""
                SELECT c.key, c.tasks, v.document FROM job_clip c JOIN clip_version v ON v.id = c.version
                WHERE c.job = $1 AND c.key > $2 ORDER BY c.key LIMIT $3
                """, [.int64(job.rawValue), .text(key ?? ""), .int(limit)])
            if clips.isEmpty { return [] }
            let tasksOfClips = try clips.map { try $0.int64Array("tasks") }
            let wanted = plan.filter { stages?.contains($0.name) ?? true }.map(\.id)
            let rows = try await transaction.query("""
                SELECT t.id, t.state, CASE WHEN t.stage = ANY ($2) THEN r.output END AS output, r.degraded, f.reason, o.stage AS origin, d.code, d.message, d.cause, d.retriable
                FROM task t LEFT JOIN result r ON r.task = t.id AND t.state = 3
                LEFT JOIN filtered f ON f.task = t.id AND t.state = 4 LEFT JOIN task o ON o.id = f.origin
                LEFT JOIN dead d ON d.task = t.id AND t.state = 5
                WHERE t.id = ANY ($1)
                """, [.int64Array(Set(tasksOfClips.joined()).sorted()), .int16Array(wanted)])
            let origins = try await NameCache.stages(transaction)
            var endings: [Int64: StageEnding] = [:]
            endings.reserveCapacity(rows.count)
            for row in rows { endings[try row.int64("id")] = try Self.ending(row, origins) }
            return try zip(clips, tasksOfClips).map { clip, tasks in
                ClipResults(key: try clip.text("key"), clip: try Clip(document: try clip.text("document")), stages: try Self.withBlocked(tasks, endings, plan))
            }
        }
    }

    /// Filtered and dead tasks of a job by stage and reason, most first; at most 1,000 lines.
    public func endings(of job: JobID) async throws -> [EndingCount] {
        try await query("count endings", """
            SELECT s.name, 4::smallint AS state, f.reason, o.name AS origin, count(*) AS count
            FROM job_task jt JOIN filtered f ON f.task = jt.task JOIN task t ON t.id = f.task JOIN stage s ON s.id = t.stage
            JOIN task u ON u.id = f.origin JOIN stage o ON o.id = u.stage WHERE jt.job = $1 GROUP BY s.name, f.reason, o.name
            UNION ALL
            SELECT s.name, 5::smallint, d.code, NULL, count(*) FROM job_task jt JOIN dead d ON d.task = jt.task JOIN stage s ON s.id = d.stage
            WHERE jt.job = $1 GROUP BY s.name, d.code
            ORDER BY 5 DESC, 1, 3 LIMIT 1000
            """, [.int64(job.rawValue)]).map { row in
            EndingCount(stage: try NameCache.stageName(try row.text("name")), state: try row.int16("state") == 4 ? .filtered : .dead, reason: try row.text("reason"),
                        by: try row.textIfPresent("origin").map(NameCache.stageName), count: try row.int("count"))
        }
    }

    private struct JobStage {
        var id: Int16
        var name: StageName
        var requires: [Int]
    }

    private static func jobStages(_ job: JobID, _ transaction: Transaction) async throws -> [JobStage] {
        let rows = try await transaction.query("""
            SELECT o.stage, s.name, o.requires FROM job_recipe o JOIN stage s ON s.id = o.stage WHERE o.job = $1 ORDER BY o.ordinal
            """, [.int64(job.rawValue)])
        if rows.isEmpty { throw unknown(job) }
        return try rows.map { JobStage(id: try $0.int16(0), name: try NameCache.stageName(try $0.text(1)), requires: try $0.int16Array(2).map(Int.init)) }
    }

    private static func ending(_ row: Row, _ origins: [Int16: StageName]) throws -> StageEnding {
        switch TaskState(rawValue: try row.int16("state")) {
        case .done:
            return .done(output: try row.textIfPresent("output") ?? "", degraded: try row.boolIfPresent("degraded") ?? false)
        case .filtered:
            return .filtered(reason: try row.textIfPresent("reason") ?? "", by: try origins.entry(try row.int16("origin"), "stage"))
        case .dead:
            var error = FleetError(FleetError.Code(rawValue: try row.textIfPresent("code") ?? ""), try row.textIfPresent("message") ?? "",
                                   isRetriable: try row.boolIfPresent("retriable") ?? false)
            error.cause = try row.textIfPresent("cause")
            return .dead(error)
        case .open, nil:
            return .open
        }
    }

    /// "Blocked by" is derived: an open task behind a dead one, directly or through others.
    private static func withBlocked(_ tasks: [Int64], _ endings: [Int64: StageEnding], _ plan: [JobStage]) throws -> [StageName: StageEnding] {
        guard tasks.count == plan.count else { throw FleetError("ledger.corrupt", "a clip has \(tasks.count) tasks in a job of \(plan.count) stages") }
        var stages: [StageName: StageEnding] = [:]
        for (task, stage) in zip(tasks, plan) {
            var ending = try endings.entry(task, "task")
            if case .open = ending {
                for required in stage.requires {
                    switch stages[plan[required].name] {
                    case .dead(let error): ending = .blocked(by: plan[required].name, error)
                    case .blocked(let by, let error): ending = .blocked(by: by, error)
                    default: continue
                    }
                    break
                }
            }
            stages[stage.name] = ending
        }
        return stages
    }
}
