import FleetModel
import PostgreSQL

extension Ledger {
    /// What a progress delta counts. Those of tasks' states have the states' numbers.
    enum ProgressKind: Int16, Sendable, Comparable {
        case total = 0
        case reused = 1
        case done = 3
        case filtered = 4
        case dead = 5

        static func < (left: ProgressKind, right: ProgressKind) -> Bool { left.rawValue < right.rawValue }
    }

    static func addProgress(job: JobID, _ sums: [Int16: [ProgressKind: Int32]], _ transaction: Transaction) async throws {
        let rows = sums.sorted { $0.key < $1.key }.flatMap { stage, kinds in kinds.sorted { $0.key < $1.key }.map { (stage, $0.key.rawValue, $0.value) } }
        if rows.isEmpty { return }
        try await transaction.execute("""
            INSERT INTO progress_delta (job, stage, kind, n) SELECT $1, stage, kind, n FROM unnest($2::smallint[], $3::smallint[], $4::integer[]) s(stage, kind, n)
            """, [.int64(job.rawValue), .int16Array(rows.map(\.0)), .int16Array(rows.map(\.1)), .int32Array(rows.map(\.2))])
    }

    /// Sums the deltas into one row per job and stage. Readers add what is not folded yet, so that figures are exact at any moment.
    /// What is counted for a job that was removed meanwhile falls away.
    public func foldProgress() async throws {
        _ = try await query("fold progress", """
            WITH d AS (DELETE FROM progress_delta RETURNING job, stage, kind, n)
            INSERT INTO job_progress AS p (job, stage, total, reused, done, filtered, dead)
            SELECT job, stage, \(Self.progressSums) FROM d WHERE EXISTS (SELECT FROM job j WHERE j.id = d.job) GROUP BY job, stage ORDER BY job, stage
            ON CONFLICT (job, stage) DO UPDATE SET total = p.total + EXCLUDED.total, reused = p.reused + EXCLUDED.reused, done = p.done + EXCLUDED.done,
                filtered = p.filtered + EXCLUDED.filtered, dead = p.dead + EXCLUDED.dead
            """)
    }

    private static let progressSums = [ProgressKind.total, .reused, .done, .filtered, .dead]
        .map { "COALESCE(sum(n) FILTER (WHERE kind = \($0.rawValue)), 0)::bigint AS \($0)" }.joined(separator: ", ")

    /// Folded and unfolded counts together; columns job, stage, total, reused, done, filtered, dead.
    static let progressView = """
        (SELECT job, stage, sum(total)::bigint AS total, sum(reused)::bigint AS reused, sum(done)::bigint AS done, sum(filtered)::bigint AS filtered,
                sum(dead)::bigint AS dead
         FROM (SELECT job, stage, total, reused, done, filtered, dead FROM job_progress
               UNION ALL SELECT job, stage, \(progressSums) FROM progress_delta GROUP BY job, stage) f
         GROUP BY job, stage)
        """
}
