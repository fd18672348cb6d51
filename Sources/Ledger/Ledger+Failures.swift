import FleetModel
import PostgreSQL

extension Ledger {
    /// Dead tasks by stage and code, most first.
    public func failureCounts(_ filter: FailureFilter) async throws -> [FailureCount] {
        try await query("count failures", """
            SELECT s.name, d.code, bool_or(d.retriable) AS retriable, count(*) AS count, count(*) FILTER (WHERE d.discarded) AS discarded, min(d.message) AS example,
                   max(d.at) AS latest
            FROM dead d JOIN stage s ON s.id = d.stage WHERE \(FailureFilter.condition)
            GROUP BY s.name, d.code, \(FailureFilter.classColumn) ORDER BY count(*) DESC, s.name COLLATE "C", d.code COLLATE "C"
            """, filter.parameters).map { row in
            let error = FleetError(FleetError.Code(rawValue: try row.text("code")), "", isRetriable: try row.bool("retriable"))
            return FailureCount(stage: try NameCache.stageName(try row.text("name")), code: error.code, failureClass: FailureClass(error), count: try row.int("count"),
                                discarded: try row.int("discarded"), example: try row.text("example"), latest: try row.timestamp("latest").date)
        }
    }

    /// Filtered verdicts by stage and reason, most first. They are no failures: nothing is to be done about them. Of the filter, stage, job and times count.
    public func filteredCounts(_ filter: FailureFilter) async throws -> [FailureCount] {
        try await query("count filtered tasks", """
            SELECT s.name, f.reason, count(*) AS count, max(f.at) AS latest
            FROM filtered f JOIN task t ON t.id = f.task JOIN stage s ON s.id = t.stage
            WHERE f.origin = f.task AND ($1::text IS NULL OR s.name = $1) AND ($2::bigint IS NULL OR EXISTS (SELECT FROM job_task jt WHERE jt.task = f.task AND jt.job = $2))
              AND ($3::timestamptz IS NULL OR f.at >= $3) AND ($4::timestamptz IS NULL OR f.at < $4)
            GROUP BY s.name, f.reason ORDER BY count(*) DESC, s.name COLLATE "C", f.reason COLLATE "C" LIMIT 1000
            """, [.text(filter.stage?.rawValue), .int64(filter.job?.rawValue), .timestamp(filter.since.map { Timestamp($0) }),
                  .timestamp(filter.until.map { Timestamp($0) })]).map { row in
            FailureCount(stage: try NameCache.stageName(try row.text("name")), code: "filtered", failureClass: .filtered, count: try row.int("count"), discarded: 0,
                         example: try row.text("reason"), latest: try row.timestamp("latest").date)
        }
    }

    /// Dead tasks in pages, ascending by task: give the last one's number back for the next page.
    public func failures(_ filter: FailureFilter, after task: Int64? = nil, limit: Int = 100) async throws -> [Failure] {
        try await query("list failures", """
            \(Self.failureColumns) WHERE d.task > $10 AND \(FailureFilter.condition) ORDER BY d.task LIMIT $11
            """, filter.parameters + [.int64(task ?? -1), .int(limit)]).map(Self.failure)
    }

    static let failureColumns = """
        SELECT d.task, s.name, c.key, d.code, d.message, d.cause, d.retriable, d.at, d.discarded, t.attempt, t.strikes
        FROM dead d JOIN stage s ON s.id = d.stage JOIN task t ON t.id = d.task JOIN clip_version v ON v.id = t.clip JOIN clip c ON c.id = v.clip
        """

    static func failure(_ row: Row) throws -> Failure {
        Failure(task: try row.int64("task"), stage: try NameCache.stageName(try row.text("name")), clipKey: try row.text("key"), error: try error(row),
                attempts: try row.int("attempt"), strikes: try row.int("strikes"), at: try row.timestamp("at").date, isDiscarded: try row.bool("discarded"))
    }

    /// From the columns code, message, cause and retriable.
    static func error(_ row: Row) throws -> FleetError {
        var error = FleetError(FleetError.Code(rawValue: try row.text("code")), try row.text("message"), isRetriable: try row.bool("retriable"))
        error.cause = try row.textIfPresent("cause")
        return error
    }

    /// How many dead tasks match now.
    public func failureTotal(_ filter: FailureFilter) async throws -> Int { try await failureTotal(filter, and: "true") }

    private func failureTotal(_ filter: FailureFilter, and condition: String) async throws -> Int {
        try await query("count failures", "SELECT count(*) FROM dead d JOIN stage s ON s.id = d.stage WHERE \(FailureFilter.condition) AND \(condition)", filter.parameters)
            .first?.int(0) ?? 0
    }

    // MARK: acting on any number of them

    /// Runs dead tasks again, any number of them, that a job wants which is neither cancelled nor deleted; jobs that were finished are running again.
    ///
    /// - Parameter dryRun: only counts.
    /// - Returns: how many tasks it is about.
    public func retryFailures(_ filter: FailureFilter, dryRun: Bool = false, progress: (@Sendable (Int) -> Void)? = nil) async throws -> Int {
        // What only cancelled or deleted jobs wanted would not run.
        let isWanted = "EXISTS (SELECT FROM job_task jt JOIN job j ON j.id = jt.job AND j.state <> 3 AND j.deleted_at IS NULL WHERE jt.task = d.task OFFSET 0)"
        if dryRun { return try await failureTotal(filter, and: isWanted) }
        return try await forEachBatch(of: filter, and: isWanted, .failuresRetry, progress) { tasks, transaction in
            // The jobs first, as whoever finishes a job does.
            try await transaction.execute("""
                SELECT FROM job WHERE id IN (SELECT job FROM job_task WHERE task = ANY ($1)) AND state = 4 ORDER BY id FOR UPDATE
                """, [.int64Array(tasks)])
            let dead = try await transaction.query("SELECT id FROM task WHERE id = ANY ($1) AND state = 5 ORDER BY rank, id FOR NO KEY UPDATE", [.int64Array(tasks)])
                .map { try $0.int64(0) }
            try await Self.reopen(dead, transaction)
            let (_, added) = try await Self.route(dead, parking: true, transaction)
            if added > 0 { try await Self.wakeUp(transaction) }
            return dead.count
        }
    }

    /// Puts dead tasks aside: they stay dead, and are neither listed nor run again unless the filter includes discarded ones.
    ///
    /// - Returns: how many tasks it is about.
    public func discardFailures(_ filter: FailureFilter, dryRun: Bool = false, progress: (@Sendable (Int) -> Void)? = nil) async throws -> Int {
        var filter = filter
        filter.discarded = .excluded
        if dryRun { return try await failureTotal(filter) }
        return try await forEachBatch(of: filter, .failuresDiscard, progress) { tasks, transaction in
            try await transaction.execute("UPDATE dead SET discarded = true WHERE task = ANY ($1) AND NOT discarded", [.int64Array(tasks)])
        }
    }

    /// Takes back a discard: what was put aside is a failure like others.
    ///
    /// - Returns: how many tasks it is about.
    public func restoreFailures(_ filter: FailureFilter, dryRun: Bool = false, progress: (@Sendable (Int) -> Void)? = nil) async throws -> Int {
        var filter = filter
        filter.discarded = .only
        if dryRun { return try await failureTotal(filter) }
        return try await forEachBatch(of: filter, .failuresRestore, progress) { tasks, transaction in
            try await transaction.execute("UPDATE dead SET discarded = false WHERE task = ANY ($1) AND discarded", [.int64Array(tasks)])
        }
    }

    /// All that match and were dead when this began, in transactions of a few thousand, each of which adds to the record of the whole.
    private func forEachBatch(of filter: FailureFilter, and condition: String = "true", _ action: AuditRecord.Action, _ progress: (@Sendable (Int) -> Void)?,
                              _ body: @Sendable ([Int64], Transaction) async throws -> Int) async throws -> Int {
        let (entry, beginning) = try await transaction("record a change of failures") { transaction in
            let id = try await record(action, filter, count: 0, transaction)
            return (id, try await transaction.queryOne("SELECT clock_timestamp()").timestamp(0))
        }
        var after: Int64 = -1
        var count = 0
        while true {
            let start = after
            let batch = policy.sweepBatch
            let (last, changed) = try await transaction("change failures") { transaction -> (Int64?, Int) in
                let tasks = try await transaction.query("""
                    SELECT d.task FROM dead d JOIN stage s ON s.id = d.stage
                    WHERE d.task > $10 AND d.at <= $12 AND \(FailureFilter.condition) AND \(condition) ORDER BY d.task LIMIT $11
                    """, filter.parameters + [.int64(start), .int(batch), .timestamp(beginning)]).map { try $0.int64(0) }
                if tasks.isEmpty { return (nil, 0) }
                let changed = try await body(tasks, transaction)
                try await Self.addToRecord(entry, changed, transaction)
                return (tasks.last, changed)
            }
            count += changed
            guard let last else { return count }
            after = last
            progress?(count)
        }
    }
}
