import FleetModel
import PostgreSQL

extension Ledger {
    /// Takes an ended job out of all lists, for good. Its rows, and what only it used, go with a collection once the grace time is over; until then a job that is
    /// submitted anew reuses its results.
    ///
    /// - Throws: `job.live` for a job that could still run.
    public func deleteJob(_ job: JobID) async throws {
        // Cancelled too, so that nothing that reopens finished jobs finds it.
        let deleted = try await transaction("delete a job") { transaction in
            let deleted = try await transaction.execute("""
                UPDATE job SET state = 3, deleted_at = now(), finished_at = COALESCE(finished_at, now()) WHERE id = $1 AND state IN (3, 4) AND deleted_at IS NULL
                """, [.int64(job.rawValue)]) > 0
            if deleted { try await record(.jobDelete, ["job": job.rawValue], count: 1, transaction) }
            return deleted
        }
        if deleted { return }
        guard let row = try await query("read a job", "SELECT state FROM job WHERE id = $1 AND deleted_at IS NULL", [.int64(job.rawValue)]).first else { throw Self.unknown(job) }
        let state = JobState(rawValue: try row.int16(0))
        throw FleetError("job.live", "job \(job) is \(state?.name ?? "live") and can still run: cancel it first (mvfleet job \(job) cancel), or wait for its end")
    }

    /// Ended jobs other than the newest, oldest first.
    public func endedJobs(exceptNewest kept: Int) async throws -> [JobID] {
        try await query("list ended jobs", """
            SELECT id FROM (SELECT id FROM job WHERE state IN (3, 4) AND deleted_at IS NULL ORDER BY COALESCE(finished_at, submitted_at) DESC, id DESC OFFSET $1) j ORDER BY id
            """, [.int(kept)]).map { JobID(rawValue: try $0.int64(0)) }
    }

    /// Deleted jobs whose grace time is over.
    func collectableJobs(grace: Duration) async throws -> [JobID] {
        try await query("list deleted jobs", "SELECT id FROM job WHERE deleted_at <= clock_timestamp() - $1::interval ORDER BY id", [.interval(grace)])
            .map { JobID(rawValue: try $0.int64(0)) }
    }

    /// Removes the rows of a deleted job, itself last: a kill on the way leaves the rest to the next time. No task or result goes with it.
    func removeRows(of job: JobID) async throws {
        let key: Parameter = .int64(job.rawValue)
        let batch = policy.sweepBatch
        while try await leaveTasks(of: job) {}
        for table in ["job_clip", "job_split"] {
            while try await execute("remove a deleted job's clips", """
                DELETE FROM \(table) WHERE job = $1 AND key IN (SELECT key FROM \(table) WHERE job = $1 ORDER BY key LIMIT $2)
                """, [key, .int(batch)]) > 0 {}
        }
        try await transaction("remove a deleted job") { transaction in
            try await transaction.execute("DELETE FROM ready r USING queue q WHERE q.job = $1 AND r.q = q.id", [key])
            for table in ["job_progress", "progress_delta", "job_audit", "llm_budget"] { try await transaction.execute("DELETE FROM \(table) WHERE job = $1", [key]) }
            try await transaction.execute("DELETE FROM job WHERE id = $1 AND deleted_at IS NOT NULL", [key])
        }
    }

    /// - Returns: false where none is left.
    private func leaveTasks(of job: JobID) async throws -> Bool {
        let (key, batch) = (Parameter.int64(job.rawValue), policy.sweepBatch)
        return try await transaction("leave a deleted job's tasks") { transaction in
            let tasks = try await transaction.query("SELECT task FROM job_task WHERE job = $1 ORDER BY task LIMIT $2", [key, .int(batch)]).map { try $0.int64(0) }
            if tasks.isEmpty { return false }
            try await transaction.execute("DELETE FROM job_task WHERE job = $1 AND task = ANY ($2)", [key, .int64Array(tasks)])
            // What others want too goes on in their queues.
            let (moved, added) = try await Self.route(try await Self.lockOpen(tasks, transaction), parking: true, transaction)
            if moved + added > 0 { try await Self.wakeUp(transaction) }
            return true
        }
    }

    func execute(_ what: StaticString, _ sql: String, _ parameters: [Parameter] = []) async throws -> Int {
        try await translated(what) { try await pool.execute(sql, parameters) }
    }
}
