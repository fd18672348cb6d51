import FleetModel
import PostgreSQL

extension Ledger {
    /// The member `quality` of the outputs of a job's tasks, as JSON text with the stage it is of: how language models' texts came about. Outputs without one are left out.
    ///
    /// - Parameter take: is given them page by page.
    /// - Throws: `job.unknown`.
    public func qualities(of job: JobID, _ take: (StageName, String) throws -> Void) async throws {
        _ = try await self.job(job)
        var after: Int64 = 0
        while true {
            let rows = try await query("read how texts came about", """
                SELECT k.task, s.name, (r.output::json -> 'quality')::text
                FROM (SELECT task FROM job_task WHERE job = $1 AND task > $2 ORDER BY task LIMIT 5000) k
                LEFT JOIN result r ON r.task = k.task AND r.output LIKE '%"quality":{%' LEFT JOIN task t ON t.id = r.task LEFT JOIN stage s ON s.id = t.stage
                ORDER BY k.task
                """, [.int64(job.rawValue), .int64(after)])
            guard let last = rows.last else { return }
            after = try last.int64(0)
            for row in rows {
                guard let name = try row.textIfPresent(1), let stage = StageName(rawValue: name), let quality = try row.textIfPresent(2) else { continue }
                try take(stage, quality)
            }
        }
    }
}
