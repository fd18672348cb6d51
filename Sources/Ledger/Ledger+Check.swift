import FleetModel
import PostgreSQL

public struct LedgerCounts: Sendable, Equatable {
    public var ready: Int
    public var running: Int
    public var delayed: Int
    /// Tasks that have not ended, of all jobs.
    public var open: Int

    public init(ready: Int, running: Int, delayed: Int, open: Int) {
        self.ready = ready
        self.running = running
        self.delayed = delayed
        self.open = open
    }
}

extension Ledger {
    /// Rows of the tables that move, and open tasks (by a scan of all tasks).
    public func counts() async throws -> LedgerCounts {
        let rows = try await query("count its rows", """
            SELECT (SELECT count(*) FROM ready), (SELECT count(*) FROM running), (SELECT count(*) FROM delayed), (SELECT count(*) FROM task WHERE state = 0)
            """)
        guard let row = rows.first else { return LedgerCounts(ready: 0, running: 0, delayed: 0, open: 0) }
        return LedgerCounts(ready: try row.int(0), running: try row.int(1), delayed: try row.int(2), open: try row.int(3))
    }

    /// Every promise that one snapshot can break, in words; empty for a sound ledger. Scans all tables: for doctors and tests.
    public func check() async throws -> [String] {
        try await snapshot("check itself") { transaction in
            var faults: [String] = []
            for (fault, sql) in Self.promises {
                let count = try await transaction.queryOne("SELECT count(*) FROM (\(sql)) f", timeout: .seconds(600)).int(0)
                if count > 0 { faults.append("\(count) × \(fault)") }
            }
            return faults
        }
    }

    private static let promises: [(String, String)] = [
        ("a done task without a result", "SELECT FROM task t WHERE state = 3 AND NOT EXISTS (SELECT FROM result r WHERE r.task = t.id)"),
        ("a result of a task that is not done", "SELECT FROM result r JOIN task t ON t.id = r.task WHERE t.state <> 3"),
        ("a filtered task without a reason", "SELECT FROM task t WHERE state = 4 AND NOT EXISTS (SELECT FROM filtered r WHERE r.task = t.id)"),
        ("a dead task without an error", "SELECT FROM task t WHERE state = 5 AND NOT EXISTS (SELECT FROM dead r WHERE r.task = t.id)"),
        ("an error of a task that is not dead", "SELECT FROM dead r JOIN task t ON t.id = r.task WHERE t.state <> 5"),
        ("an ended task that is ready, leased or delayed", """
            SELECT FROM task t WHERE state <> 0 AND (EXISTS (SELECT FROM ready r WHERE r.task = t.id) OR EXISTS (SELECT FROM running r WHERE r.task = t.id)
                OR EXISTS (SELECT FROM delayed r WHERE r.task = t.id))
            """),
        ("a waiting task that is ready, leased or delayed", """
            SELECT FROM task t WHERE state = 0 AND waiting > 0 AND (EXISTS (SELECT FROM ready r WHERE r.task = t.id)
                OR EXISTS (SELECT FROM running r WHERE r.task = t.id) OR EXISTS (SELECT FROM delayed r WHERE r.task = t.id))
            """),
        ("a task that is two of ready, leased and delayed", """
            SELECT task FROM (SELECT task FROM ready UNION ALL SELECT task FROM running UNION ALL SELECT task FROM delayed) a GROUP BY task HAVING count(*) > 1
            """),
        ("an open task of a live job that waits for nothing and has no ready row, lease or date", """
            SELECT FROM task t WHERE state = 0 AND waiting = 0 AND NOT EXISTS (SELECT FROM ready r WHERE r.task = t.id)
                AND NOT EXISTS (SELECT FROM running r WHERE r.task = t.id) AND NOT EXISTS (SELECT FROM delayed r WHERE r.task = t.id)
                AND EXISTS (SELECT FROM job_task jt JOIN job j ON j.id = jt.job AND j.state IN (0, 1) WHERE jt.task = t.id)
            """),
        ("a wrong count of upstreams", """
            SELECT FROM task t WHERE state = 0 AND waiting <> (SELECT count(*) FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)
            """),
        ("an open task behind a filtered one", """
            SELECT FROM task t WHERE state = 0 AND EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state = 4)
            """),
        ("a task whose edges are not its upstreams", """
            SELECT FROM task t WHERE cardinality(COALESCE(t.upstreams, '{}')) <> (SELECT count(*) FROM edge e WHERE e.up = ANY (t.upstreams) AND e.down = t.id)
            """),
        ("a task of a clip that its job is not subscribed to", """
            SELECT FROM job_clip c JOIN job j ON j.id = c.job AND j.deleted_at IS NULL CROSS JOIN LATERAL unnest(c.tasks) u(task)
            WHERE NOT EXISTS (SELECT FROM job_task jt WHERE jt.task = u.task AND jt.job = c.job)
            """),
        ("a stage of a job whose progress is not that of its tasks", """
            SELECT FROM (SELECT jt.job, t.stage, count(*) AS total, count(*) FILTER (WHERE t.state = 3) AS done, count(*) FILTER (WHERE t.state = 4) AS filtered,
                                count(*) FILTER (WHERE t.state = 5) AS dead FROM job_task jt JOIN task t ON t.id = jt.task GROUP BY 1, 2) a
            FULL JOIN \(progressView) p ON p.job = a.job AND p.stage = a.stage
            JOIN job j ON j.id = COALESCE(a.job, p.job) AND j.deleted_at IS NULL
            WHERE a.total IS DISTINCT FROM p.total OR a.done IS DISTINCT FROM p.done + p.reused OR a.filtered IS DISTINCT FROM p.filtered
               OR a.dead IS DISTINCT FROM p.dead
            """),
        ("a subscription of a job that is not there", "SELECT FROM job_task jt WHERE NOT EXISTS (SELECT FROM job j WHERE j.id = jt.job)"),
        ("an upstream that is not there", """
            SELECT FROM task t CROSS JOIN LATERAL unnest(t.upstreams) u(id) WHERE NOT EXISTS (SELECT FROM task o WHERE o.id = u.id)
            """),
        ("an edge or a result of a task that is not there", """
            SELECT FROM (SELECT up AS task FROM edge UNION ALL SELECT down FROM edge UNION ALL SELECT task FROM result UNION ALL SELECT task FROM filtered
                         UNION ALL SELECT task FROM dead UNION ALL SELECT task FROM job_task UNION ALL SELECT task FROM running UNION ALL SELECT task FROM delayed
                         UNION ALL SELECT task FROM ready) a
            WHERE NOT EXISTS (SELECT FROM task t WHERE t.id = a.task)
            """),
        ("a clip version that a task or a clip refers to and that is not there", """
            SELECT FROM (SELECT clip AS version FROM task UNION ALL SELECT version FROM job_clip UNION ALL SELECT version FROM clip) a
            WHERE NOT EXISTS (SELECT FROM clip_version v WHERE v.id = a.version)
            """),
        ("a budget that has set aside something else than its job's requests may cost, or spent less than their answers did", """
            SELECT FROM llm_budget b
            WHERE b.reserved <> (SELECT COALESCE(sum(reserve), 0) FROM (SELECT reserve FROM llm_intent i WHERE i.job = b.job UNION ALL SELECT reserve FROM llm_line l WHERE l.job = b.job) o)
               OR b.spent < (SELECT COALESCE(sum(cost), 0) FROM llm_answer a WHERE a.job = b.job)
            """),
        ("a request that is answered, and still goes by batch", "SELECT FROM llm_line l JOIN llm_answer a ON a.digest = l.digest"),
        ("a finished job that has something left to run", """
            SELECT FROM job j JOIN job_task jt ON jt.job = j.id JOIN task t ON t.id = jt.task AND t.state = 0
            WHERE j.state = 4 AND NOT EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)
            """),
    ]
}
