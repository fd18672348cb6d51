import FleetModel
import PostgreSQL

extension Ledger {
    struct Removed: Sendable {
        var tasks = 0
        var results = 0
        var bytes = 0
    }

    /// Removes those of the tasks that no job refers to, with all that depends on them: what is made from a task that nobody needs, nobody needs either. A task
    /// that a worker still has stays, and so does all that it was made from.
    static func remove(_ candidates: [Int64], _ transaction: Transaction) async throws -> Removed {
        try await lockStanding(.takingItAway, transaction)
        let closure = try await transaction.query("""
            WITH RECURSIVE c(id) AS (SELECT x.id FROM unnest($1::bigint[]) x(id) WHERE NOT EXISTS (SELECT FROM job_task jt WHERE jt.task = x.id OFFSET 0)
                                     UNION SELECT e.down FROM c JOIN edge e ON e.up = c.id)
            SELECT id FROM c
            """, [.int64Array(candidates)]).map { try $0.int64(0) }
        if closure.isEmpty { return Removed() }
        let all: Parameter = .int64Array(closure)
        _ = try await transaction.query("SELECT FROM task WHERE id = ANY ($1) ORDER BY rank, id FOR UPDATE", [all])
        try await transaction.execute("""
            WITH k AS (SELECT r.q, r.seq FROM ready r WHERE r.task = ANY ($1) AND NOT EXISTS (SELECT FROM job_task jt WHERE jt.task = r.task) ORDER BY r.q, r.seq FOR UPDATE)
            DELETE FROM ready r USING k WHERE r.q = k.q AND r.seq = k.seq
            """, [all])
        let doomed: Parameter = .int64Array(try await unpinned(all, transaction))
        let freed = try await transaction.queryOne("""
            WITH d AS (DELETE FROM result WHERE task = ANY ($1) RETURNING octet_length(output) AS bytes) SELECT count(*), COALESCE(sum(bytes), 0)::bigint FROM d
            """, [doomed])
        for table in ["filtered", "dead", "delayed"] { try await transaction.execute("DELETE FROM \(table) WHERE task = ANY ($1)", [doomed]) }
        try await transaction.execute("DELETE FROM edge WHERE up = ANY ($1)", [doomed])
        try await transaction.execute("""
            DELETE FROM edge e USING (SELECT unnest(t.upstreams) AS up, t.id AS down FROM task t WHERE t.id = ANY ($1)) u WHERE e.up = u.up AND e.down = u.down
            """, [doomed])
        let removed = try await transaction.execute("DELETE FROM task WHERE id = ANY ($1)", [doomed])
        return Removed(tasks: removed, results: try freed.int(0), bytes: try freed.int(1))
    }

    /// Those of the tasks that neither run nor are referred to, and from which nothing is made that is.
    private static func unpinned(_ tasks: Parameter, _ transaction: Transaction) async throws -> [Int64] {
        let rows = try await transaction.query("""
            SELECT t.id, COALESCE(t.upstreams, '{}') AS upstreams, EXISTS (SELECT FROM running r WHERE r.task = t.id) OR EXISTS (SELECT FROM job_task jt WHERE jt.task = t.id) AS pinned
            FROM task t WHERE t.id = ANY ($1) ORDER BY t.rank DESC
            """, [tasks])
        var pinned: Set<Int64> = []
        var free: [Int64] = []
        for row in rows {
            let id = try row.int64("id")
            if try row.bool("pinned") || pinned.contains(id) {
                pinned.formUnion(try row.int64Array("upstreams"))
            } else {
                free.append(id)
            }
        }
        return free
    }
}
