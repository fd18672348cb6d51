import FleetModel
import PostgreSQL

extension Ledger {
    /// Lets nothing of the job begin, from the next claim on; what runs goes on, and what other jobs need too runs for them.
    public func pause(_ job: JobID) async throws {
        try await change(job, .jobPause, "state = 2", from: "(0, 1)")
        try await routeShared(job, leaving: true)
    }

    public func resume(_ job: JobID) async throws {
        try await change(job, .jobResume, "state = CASE WHEN planned_at IS NULL THEN 0 ELSE 1 END", from: "(2)", also: { transaction in
            // Claims have dropped messages meanwhile, and a dispatcher that looked away has not seen the pause: what stands gets numbers that were never sent.
            try await Self.withdraw(job: job, transaction)
        })
        try await routeShared(job, leaving: false)
        try await transaction("wake the coordinator") { try await Self.wakeUp($0) }
    }

    /// Ends the job for good: nothing of it begins from the next claim on. Results that are there, or that running tasks still bring, stay for others.
    public func cancel(_ job: JobID) async throws {
        try await change(job, .jobCancel, "state = 3, finished_at = now()", from: "(0, 1, 2)")
        try await routeShared(job, leaving: true)
        while try await clearCancelled(limit: 20_000) == 20_000 {}
    }

    /// Higher goes first within the lane.
    public func setPriority(_ priority: Int, of job: JobID) async throws {
        try await change(job, .jobPriority, "priority = $2::integer", .int32(Int32(clamping: priority)), from: "(0, 1, 2)") {
            $0.priority = priority
        }
        try await routeShared(job, leaving: false)
    }

    /// Lets at most so many tasks of the job be out (sent or leased) at once; nil takes the limit away. What runs goes on, also above a lower limit.
    public func setLimit(_ limit: Int?, of job: JobID) async throws {
        if let limit, limit < 1 { throw FleetError("control.limit", "a job's limit is at least 1, and \(limit) was given: to let nothing of it run, pause it") }
        try await change(job, .jobLimit, "task_limit = $2::integer", .int32(limit.map { Int32(clamping: $0) }), from: "(0, 1, 2)", { $0.limit = limit }) { transaction in
            if limit != nil { try await Self.withdraw(job: job, transaction) }
        }
    }

    private struct JobChange: Encodable {
        var job: Int64
        var priority: Int?
        var limit: Int?
    }

    /// A change to what it is already does nothing.
    ///
    /// - Parameter assignment: may refer to `$2`, the value.
    private func change(_ job: JobID, _ action: AuditRecord.Action, _ assignment: String, _ value: Parameter? = nil, from states: String,
                        _ describe: @Sendable (inout JobChange) -> Void = { _ in },
                        also: @Sendable (Transaction) async throws -> Void = { _ in }) async throws {
        let isDone = try await transaction("change a job") { transaction in
            let done = try await transaction.query("UPDATE job SET \(assignment) WHERE id = $1 AND state IN \(states) RETURNING id",
                                                   [.int64(job.rawValue)] + (value.map { [$0] } ?? []))
            if done.isEmpty { return false }
            try await also(transaction)
            var filter = JobChange(job: job.rawValue)
            describe(&filter)
            try await record(action, filter, count: 1, transaction)
            try await Self.wakeUp(transaction)
            return true
        }
        if isDone { return }
        guard let row = try await query("read a job", "SELECT state FROM job WHERE id = $1", [.int64(job.rawValue)]).first else { throw Self.unknown(job) }
        if try row.int16(0) == JobState.cancelled.rawValue {
            throw FleetError("job.cancelled", "job \(job) is cancelled, and that is for good: submit it again, results are reused")
        }
    }

    /// Removes ready rows of cancelled jobs that no live or paused job wants. A live one that comes later makes them anew.
    ///
    /// - Returns: how many rows were removed.
    func clearCancelled(limit: Int) async throws -> Int {
        try await translated("clear cancelled jobs") {
            try await pool.execute("""
                WITH k AS (SELECT r.q, r.seq FROM job j JOIN queue q ON q.job = j.id
                           CROSS JOIN LATERAL (
                               SELECT r.q, r.seq FROM ready r
                               WHERE r.q = q.id AND NOT EXISTS (SELECT FROM job_task jt JOIN job o ON o.id = jt.job AND o.state IN (0, 1, 2) WHERE jt.task = r.task OFFSET 0)
                               ORDER BY r.seq LIMIT $1 FOR UPDATE SKIP LOCKED) r
                           WHERE j.state = 3 LIMIT $1)
                DELETE FROM ready r USING k WHERE r.q = k.q AND r.seq = k.seq
                """, [.int(limit)])
        }
    }
}
