import FleetModel
import PostgreSQL

extension Ledger {
    /// Counts the dependents of what was done down and makes them ready; writes progress and events of all that ended. Done in a statement of its own
    /// after the states are written: the fresh snapshot shows edges and subscriptions whose planner held the lock that the first statement waited for.
    static func countDown(_ ended: [Settled], _ transaction: Transaction) async throws {
        if ended.isEmpty { return }
        // Counts are summed before they are subtracted: two upstreams of one task may end in one batch.
        _ = try await transaction.query("""
            WITH s AS (SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) s(task, stage, state)),
                 w AS (SELECT e.down, count(*)::integer AS n FROM s CROSS JOIN LATERAL (SELECT e.down FROM edge e WHERE e.up = s.task OFFSET 0) e
                       WHERE s.state = 3 GROUP BY e.down),
                 l AS (SELECT t.id, w.n FROM task t JOIN w ON w.down = t.id ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t),
                 d AS (UPDATE task t SET waiting = (t.waiting - l.n)::smallint FROM l WHERE t.id = l.id RETURNING t.id, t.queue, t.waiting, t.state),
                 r AS (INSERT INTO ready (q, task) SELECT queue, id FROM d WHERE waiting = 0 AND state = 0 RETURNING 1),
                 g AS (SELECT jt.job, s.stage, s.state, array_agg(s.task ORDER BY s.task) AS tasks FROM s
                       CROSS JOIN LATERAL (SELECT jt.job FROM job_task jt WHERE jt.task = s.task OFFSET 0) jt GROUP BY 1, 2, 3),
                 p AS (INSERT INTO progress_delta (job, stage, kind, n) SELECT job, stage, state, cardinality(tasks) FROM g),
                 v AS (INSERT INTO event (job, stage, state, tasks) SELECT job, stage, state, tasks FROM g)
            SELECT CASE WHEN EXISTS (SELECT FROM r) THEN length(pg_notify($4, '')::text) END
            """, [
                .int64Array(ended.map(\.task)), .int16Array(ended.map(\.stage)), .int16Array(ended.map(\.state.rawValue)), .text(wakeUpChannel),
            ])
    }

    /// Ends all that depends on these filtered tasks, however far, as filtered too. Repeated until nothing is left: a planner may have hung a new task on one
    /// of them while the pass waited for its lock.
    static func cascadeFiltered(_ tasks: [Int64], _ transaction: Transaction) async throws {
        if tasks.isEmpty { return }
        while true {
            let rows = try await transaction.query("""
                WITH RECURSIVE c(id, origin) AS (
                         SELECT e.down, e.up FROM edge e WHERE e.up = ANY ($1)
                         UNION SELECT e.down, c.origin FROM c JOIN edge e ON e.up = c.id),
                     o AS (SELECT id, min(origin) AS origin FROM c GROUP BY id),
                     l AS (SELECT t.id, o.origin FROM task t JOIN o ON o.id = t.id WHERE t.state = 0 ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t),
                     u AS (UPDATE task t SET state = 4 FROM l WHERE t.id = l.id RETURNING t.id, t.stage, l.origin),
                     f AS (INSERT INTO filtered (task, origin, reason)
                           SELECT u.id, p.origin, p.reason FROM u JOIN filtered p ON p.task = u.origin)
                SELECT id, stage FROM u
                """, [.int64Array(tasks)])
            if rows.isEmpty { return }
            try await countDown(rows.map { Settled(task: try $0.int64(0), stage: try $0.int16(1), state: .filtered) }, transaction)
        }
    }
}
