import FleetModel
import PostgreSQL

extension Ledger {
    /// Sends open tasks to the best lane of their live subscribers, and sees to it that each that can run has its ready row, or a lease, or a date.
    /// A ready row that moves gets a new number, so that the message sent for the old one finds nothing.
    ///
    /// The caller holds the locks on these tasks. Rows that a claim holds at this moment are passed over: they are being run.
    ///
    /// - Parameter parking: whether what only paused jobs want is made ready in their queues too, where it waits until they are resumed.
    /// - Returns: how many ready rows were moved, and how many were missing.
    static func route(_ tasks: [Int64], parking: Bool = false, _ transaction: Transaction) async throws -> (moved: Int, added: Int) {
        if tasks.isEmpty { return (0, 0) }
        let states = parking ? "(0, 1, 2)" : "(0, 1)"
        let parameters: [Parameter] = [.int64Array(tasks)]
        try await transaction.execute("""
            WITH best AS (SELECT t.id AS task, b.queue FROM task t JOIN recipe r ON r.id = t.recipe
                          CROSS JOIN LATERAL (SELECT q.id AS queue FROM job_task jt JOIN job j ON j.id = jt.job AND j.state IN \(states)
                                              JOIN queue q ON q.job = j.id AND q.stage = t.stage AND q.version = r.version AND q.lane = j.lane
                                              WHERE jt.task = t.id ORDER BY j.state = 2, j.lane, j.priority DESC, j.id LIMIT 1) b
                          WHERE t.id = ANY ($1) AND t.state = 0 AND t.queue <> b.queue)
            UPDATE task t SET queue = best.queue FROM best WHERE t.id = best.task AND t.state = 0 AND t.queue <> best.queue
            """, parameters)
        let moved = try await transaction.execute("""
            WITH m AS (SELECT r.q, r.seq, t.queue FROM ready r JOIN task t ON t.id = r.task WHERE r.task = ANY ($1) AND r.q <> t.queue
                       ORDER BY r.q, r.seq FOR UPDATE OF r SKIP LOCKED)
            UPDATE ready r SET q = m.queue, seq = nextval('ready_seq') FROM m WHERE r.q = m.q AND r.seq = m.seq
            """, parameters)
        let added = try await transaction.execute("""
            INSERT INTO ready (q, task) SELECT t.queue, t.id FROM task t
            WHERE t.id = ANY ($1) AND t.state = 0 AND t.waiting = 0
              AND NOT EXISTS (SELECT FROM ready r WHERE r.task = t.id OFFSET 0)
              AND NOT EXISTS (SELECT FROM running r WHERE r.task = t.id OFFSET 0)
              AND NOT EXISTS (SELECT FROM delayed y WHERE y.task = t.id OFFSET 0)
              AND EXISTS (SELECT FROM job_task jt JOIN job j ON j.id = jt.job AND j.state IN \(states) WHERE jt.task = t.id OFFSET 0)
            ORDER BY t.id
            """, parameters)
        return (moved, added)
    }

    /// - Returns: those of the tasks that are open, now locked against planners, settlements and each other.
    static func lockOpen(_ tasks: [Int64], _ transaction: Transaction) async throws -> [Int64] {
        try await transaction.query("SELECT id FROM task WHERE id = ANY ($1) AND state = 0 ORDER BY rank, id FOR NO KEY UPDATE", [.int64Array(tasks)])
            .map { try $0.int64(0) }
    }

    /// Routes the tasks that this job shares with others, after its state or priority changed.
    ///
    /// - Parameter leaving: true where the job is live no more: only what travels in its own queues need move.
    func routeShared(_ job: JobID, leaving: Bool) async throws {
        // Without another job under one of the same recipes there is nothing to share.
        let others = try await query("look for jobs that share tasks", """
            SELECT FROM job_recipe a JOIN job_recipe b ON b.recipe = a.recipe AND b.job <> a.job
            WHERE a.job = $1 LIMIT 1
            """, [.int64(job.rawValue)])
        if others.isEmpty { return }
        var after: Int64 = -1
        while true {
            let rows = try await query("list shared tasks", """
                SELECT a.task FROM job_task a WHERE a.job = $1 AND a.task > $2
                  AND EXISTS (SELECT FROM job_task b WHERE b.task = a.task AND b.job <> a.job OFFSET 0)
                  AND (NOT $3 OR EXISTS (SELECT FROM task t JOIN queue q ON q.id = t.queue AND q.job = a.job WHERE t.id = a.task AND t.state = 0 OFFSET 0))
                ORDER BY a.task LIMIT 5000
                """, [.int64(job.rawValue), .int64(after), .bool(leaving)])
            let tasks = try rows.map { try $0.int64(0) }
            guard let last = tasks.last else { return }
            after = last
            try await transaction("route shared tasks") { transaction in
                let open = try await Self.lockOpen(tasks, transaction)
                let (moved, added) = try await Self.route(open, parking: leaving, transaction)
                if moved + added > 0 { try await Self.wakeUp(transaction) }
            }
        }
    }
}
