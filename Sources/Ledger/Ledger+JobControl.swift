import FleetModel
import PostgreSQL

extension Ledger {
    /// Lets nothing of the job begin, from the next claim on; what runs goes on, and what other jobs need too runs for them.
    public func pause(_ job: JobID) async throws {
        try await change(job, to: "state = 2", from: "(0, 1)")
        try await routeShared(job, leaving: true)
    }

    public func resume(_ job: JobID) async throws {
        try await change(job, to: "state = CASE WHEN planned_at IS NULL THEN 0 ELSE 1 END", from: "(2)")
        try await routeShared(job, leaving: false)
        try await transaction("wake the coordinator") { try await Self.wakeUp($0) }
    }

    /// Ends the job for good: nothing of it begins from the next claim on. Results that are there, or that running tasks still bring, stay for others.
    public func cancel(_ job: JobID) async throws {
        try await change(job, to: "state = 3, finished_at = now()", from: "(0, 1, 2)")
        try await routeShared(job, leaving: true)
        while try await clearCancelled(limit: 20_000) == 20_000 {}
    }

    /// Higher goes first within the lane.
    public func setPriority(_ priority: Int, of job: JobID) async throws {
        try await change(job, to: "priority = \(Int32(clamping: priority))", from: "(0, 1, 2)")
        try await routeShared(job, leaving: false)
    }

    /// A change to what it is already does nothing.
    private func change(_ job: JobID, to assignment: String, from states: String) async throws {
        let done = try await query("change a job", "UPDATE job SET \(assignment) WHERE id = $1 AND state IN \(states) RETURNING id", [.int64(job.rawValue)])
        if !done.isEmpty { return }
        guard let row = try await query("read a job", "SELECT state FROM job WHERE id = $1", [.int64(job.rawValue)]).first else { throw Self.unknown(job) }
        if try row.int16(0) == JobState.cancelled.rawValue {
            throw FleetError("job.cancelled", "job \(job) is cancelled, and that is for good: submit it again, results are reused")
        }
    }

    /// Removes ready rows of cancelled jobs that no live job wants. A live one that comes later makes them anew.
    ///
    /// - Returns: how many rows were removed.
    func clearCancelled(limit: Int) async throws -> Int {
        try await translated("clear cancelled jobs") {
            try await pool.execute("""
                WITH k AS (SELECT r.q, r.seq FROM job j JOIN queue q ON q.job = j.id
                           CROSS JOIN LATERAL (
                               SELECT r.q, r.seq FROM ready r
                               WHERE r.q = q.id AND NOT EXISTS (SELECT FROM job_task jt JOIN job o ON o.id = jt.job AND o.state IN (0, 1) WHERE jt.task = r.task OFFSET 0)
                               ORDER BY r.seq LIMIT $1 FOR UPDATE SKIP LOCKED) r
                           WHERE j.state = 3 LIMIT $1)
                DELETE FROM ready r USING k WHERE r.q = k.q AND r.seq = k.seq
                """, [.int(limit)])
        }
    }
}
