import FleetModel
import PostgreSQL

extension Ledger {
    /// Removes language models' answers of tasks that are gone, once they are old enough: a job that is submitted anew until then does not pay again. With them goes what
    /// dead processes left behind that nobody asked again.
    ///
    /// - Returns: how many answers were removed, or would be.
    func collectAnswers(grace: Duration, dryRun: Bool) async throws -> Int {
        var after: [UInt8] = [], removed = 0
        while true {
            let window = try await query("look for answers that nobody needs", """
                WITH w AS MATERIALIZED (SELECT digest, task, at FROM llm_answer WHERE digest > $1 ORDER BY digest LIMIT $2)
                SELECT w.digest, w.at <= clock_timestamp() - $3::interval AND NOT EXISTS (SELECT FROM task t WHERE t.id = w.task OFFSET 0) AS unneeded FROM w ORDER BY w.digest
                """, [.bytea(after), .int(policy.sweepBatch), .interval(grace)])
            guard let last = try window.last?.bytea(0) else { break }
            after = last
            let unneeded = try window.filter { try $0.bool(1) }.map { try $0.bytea(0) }
            removed += unneeded.count
            if !dryRun, !unneeded.isEmpty { _ = try await execute("remove answers that nobody needs", "DELETE FROM llm_answer WHERE digest = ANY ($1)", [.byteaArray(unneeded)]) }
        }
        if dryRun { return removed }
        _ = try await execute("forget requests that nobody asks again", """
            DELETE FROM llm_intent i WHERE i.reserve = 0 AND i.at <= clock_timestamp() - $1::interval AND NOT EXISTS (SELECT FROM llm_gateway g WHERE g.id = i.gateway)
            """, [.interval(grace)])
        _ = try await execute("forget batches that are over", "DELETE FROM llm_batch WHERE state = 6 AND changed_at <= clock_timestamp() - $1::interval", [.interval(grace)])
        return removed
    }
}
