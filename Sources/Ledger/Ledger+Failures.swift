import FleetModel
import PostgreSQL

extension Ledger {
    /// Dead tasks by stage and code, most first.
    public func failureCounts(_ filter: FailureFilter) async throws -> [FailureCount] {
        try await query("count failures", """
            SELECT s.name, d.code, count(*) AS count, min(d.message) AS example FROM dead d JOIN stage s ON s.id = d.stage WHERE \(FailureFilter.condition)
            GROUP BY s.name, d.code ORDER BY count(*) DESC, s.name COLLATE "C", d.code COLLATE "C"
            """, filter.parameters).map {
            FailureCount(stage: try NameCache.stageName(try $0.text(0)), code: FleetError.Code(rawValue: try $0.text(1)), count: try $0.int(2), example: try $0.text(3))
        }
    }

    /// Dead tasks in pages, ascending by task: give the last one's number back for the next page.
    public func failures(_ filter: FailureFilter, after task: Int64? = nil, limit: Int = 100) async throws -> [Failure] {
        try await query("list failures", """
            SELECT d.task, s.name, c.key, d.code, d.message, d.cause, d.retriable, d.at, d.discarded, t.attempt, t.strikes
            FROM dead d JOIN stage s ON s.id = d.stage JOIN task t ON t.id = d.task JOIN clip_version v ON v.id = t.clip JOIN clip c ON c.id = v.clip
            WHERE d.task > $7 AND \(FailureFilter.condition) ORDER BY d.task LIMIT $8
            """, filter.parameters + [.int64(task ?? -1), .int(limit)]).map { row in
            var error = FleetError(FleetError.Code(rawValue: try row.text("code")), try row.text("message"), isRetriable: try row.bool("retriable"))
            error.cause = try row.textIfPresent("cause")
            return Failure(task: try row.int64("task"), stage: try NameCache.stageName(try row.text("name")), clipKey: try row.text("key"), error: error,
                           attempts: try row.int("attempt"), strikes: try row.int("strikes"), at: try row.timestamp("at").date,
                           isDiscarded: try row.bool("discarded"))
        }
    }

    /// The failed attempts of a task, oldest first.
    public func attempts(of task: Int64) async throws -> [AttemptRecord] {
        try await query("list attempts", """
            SELECT attempt, at, worker, milliseconds, retriable, code, message, cause FROM attempt WHERE task = $1 ORDER BY at, attempt LIMIT 1000
            """, [.int64(task)]).map { row in
            var error = FleetError(FleetError.Code(rawValue: try row.text("code")), try row.text("message"), isRetriable: try row.bool("retriable"))
            error.cause = try row.textIfPresent("cause")
            return AttemptRecord(attempt: try row.int("attempt"), at: try row.timestamp("at").date,
                                 worker: try row.int32IfPresent("worker").map { WorkerID(rawValue: $0) }, error: error,
                                 duration: .milliseconds(try row.int("milliseconds")))
        }
    }

    /// Runs dead tasks again, any number of them; jobs that were finished are running again.
    ///
    /// - Parameter dryRun: only counts.
    /// - Returns: how many tasks it is about.
    public func retryFailures(_ filter: FailureFilter, dryRun: Bool = false) async throws -> Int {
        if dryRun { return try await matching(filter) }
        return try await forEachBatch(of: filter) { tasks, transaction in
            // The jobs first, as whoever finishes a job does.
            try await transaction.execute("""
                SELECT FROM job WHERE id IN (SELECT job FROM job_task WHERE task = ANY ($1)) AND state = 4 ORDER BY id FOR UPDATE
                """, [.int64Array(tasks)])
            let dead = try await transaction.query("SELECT id FROM task WHERE id = ANY ($1) AND state = 5 ORDER BY rank, id FOR NO KEY UPDATE", [.int64Array(tasks)])
                .map { try $0.int64(0) }
            try await Self.reopen(dead, transaction)
            let (_, added) = try await Self.route(dead, transaction)
            if added > 0 { try await Self.wakeUp(transaction) }
            return dead.count
        }
    }

    /// Puts dead tasks aside: they stay dead, and are no longer listed or retried unless the filter includes discarded ones.
    ///
    /// - Returns: how many tasks it is about.
    public func discardFailures(_ filter: FailureFilter, dryRun: Bool = false) async throws -> Int {
        if dryRun { return try await matching(filter) }
        return try await forEachBatch(of: filter) { tasks, transaction in
            try await transaction.execute("UPDATE dead SET discarded = true WHERE task = ANY ($1) AND NOT discarded", [.int64Array(tasks)])
        }
    }

    private func matching(_ filter: FailureFilter) async throws -> Int {
        try await query("count failures", "SELECT count(*) FROM dead d JOIN stage s ON s.id = d.stage WHERE \(FailureFilter.condition)", filter.parameters)
            .first?.int(0) ?? 0
    }

    /// All that match now, in transactions of a few thousand. What dies anew meanwhile under a number that was passed is left alone.
    private func forEachBatch(of filter: FailureFilter, _ body: @Sendable ([Int64], Transaction) async throws -> Int) async throws -> Int {
        var after: Int64 = -1
        var count = 0
        while true {
            let start = after
            let batch = policy.sweepBatch
            let (last, changed) = try await transaction("change failures") { transaction -> (Int64?, Int) in
                let tasks = try await transaction.query("""
                    SELECT d.task FROM dead d JOIN stage s ON s.id = d.stage WHERE d.task > $7 AND \(FailureFilter.condition) ORDER BY d.task LIMIT $8
                    """, filter.parameters + [.int64(start), .int(batch)]).map { try $0.int64(0) }
                return (tasks.last, tasks.isEmpty ? 0 : try await body(tasks, transaction))
            }
            count += changed
            guard let last else { return count }
            after = last
        }
    }
}

extension FailureFilter {
    /// Over `dead d JOIN stage s`, with `parameters` as $1…$6.
    fileprivate static let condition = """
        ($1::text IS NULL OR s.name = $1) AND ($2::text IS NULL OR d.code = $2)
        AND ($3::bigint IS NULL OR EXISTS (SELECT FROM job_task jt WHERE jt.task = d.task AND jt.job = $3))
        AND ($4::timestamptz IS NULL OR d.at >= $4) AND ($5::timestamptz IS NULL OR d.at < $5) AND ($6 OR NOT d.discarded)
        """

    fileprivate var parameters: [Parameter] {
        [.text(stage?.rawValue), .text(code?.rawValue), .int64(job?.rawValue), .timestamp(since.map { Timestamp($0) }), .timestamp(until.map { Timestamp($0) }),
         .bool(includesDiscarded)]
    }
}
