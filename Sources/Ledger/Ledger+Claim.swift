import FleetModel
import PostgreSQL

extension Ledger {
    /// Turns deliveries into leases. A token that is done, cancelled, paused (its job or its stage), promoted or of another epoch finds no row and is not in the answer:
    /// acknowledge and drop it.
    ///
    /// - Parameter starting: true where the caller begins with all of them at once if it can, that is if they are of one recipe and none has a strike: they are then
    ///   started from the beginning, as ``markStarted(_:by:)`` would say a round trip later. Others are not; ``Claim/isStarted`` tells.
    /// - Returns: the claims with their inputs, ordered by task.
    public func claim(_ tokens: [ReadyToken], by worker: WorkerID, lease: Duration, starting: Bool = false) async throws -> [Claim] {
        if tokens.isEmpty { return [] }
        return try await translated("claim tasks") {
            // No SKIP LOCKED: it would drop messages. No ON CONFLICT: it could eat a task.
            try await pool.withConnection { connection in
                let rows = try await connection.query(Self.claimStatement, [
                    .int64Array(tokens.map(\.epoch)), .int32Array(tokens.map(\.queue)), .int64Array(tokens.map(\.seq)), .int64Array(tokens.map(\.task)),
                    .int32(worker.rawValue), .interval(lease), .int(knownVersion), .bool(starting),
                ])
                // Only tokens of the ledger's present life are answered.
                guard let first = rows.first, let token = try tokens.first(where: { try $0.seq == first.int64(Column.seq) && $0.task == first.int64(Column.task) }) else { return [] }
                return try await claims(rows, in: token.epoch, connection)
            }
        }
    }

    /// Ready rows are deleted where they were locked (`ctid`): whoever changes one gives it another `seq` too, so that what was locked is what was read.
    /// Rows of other tables may be changed beside us without that, and are looked up by their keys.
    private static let claimStatement = """
        WITH o AS MATERIALIZED (SELECT q.id, q.job, q.lane FROM queue q JOIN job j ON j.id = q.job AND j.state IN (0, 1) WHERE q.id = ANY ($2::integer[])
                                   AND NOT EXISTS (SELECT FROM stage_control c WHERE c.stage = q.stage AND c.paused)),
             k AS (SELECT r.ctid AS place FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[]) m(epoch, q, seq, task)
                   JOIN ready r ON r.q = m.q AND r.seq = m.seq AND r.task = m.task
                   JOIN ledger_state l ON l.epoch = m.epoch AND l.minimum_client <= $7
                   WHERE m.q IN (SELECT id FROM o) ORDER BY r.q, r.seq FOR UPDATE OF r),
             d AS (DELETE FROM ready r USING k WHERE r.ctid = k.place RETURNING r.q, r.task, r.seq),
             c AS MATERIALIZED (SELECT d.q, d.seq, d.task, t.* FROM d CROSS JOIN LATERAL (
                       SELECT t.recipe, t.fp, t.attempt, t.strikes, t.upstreams, t.clip FROM task t WHERE t.id = d.task OFFSET 0) t),
             s AS MATERIALIZED (SELECT $8 AND max(strikes) = 0 AND min(recipe) = max(recipe) AS started FROM c),
             i AS (INSERT INTO running (task, seq, q, worker, until, started)
                   SELECT c.task, c.seq, c.q, $5, clock_timestamp() + $6, s.started FROM c CROSS JOIN s ORDER BY c.task)
        SELECT c.task, c.seq, c.recipe, c.fp, c.attempt, c.strikes, COALESCE(c.upstreams, '{}') AS upstreams, s.started, v.document, o.job, o.lane
        FROM c CROSS JOIN s CROSS JOIN LATERAL (SELECT o.job, o.lane FROM o WHERE o.id = c.q OFFSET 0) o
             CROSS JOIN LATERAL (SELECT v.document FROM clip_version v WHERE v.id = c.clip OFFSET 0) v ORDER BY c.task
        """

    /// Upstream outputs come with one more question, each once however many tasks share it. They never change, so no transaction is needed; one that was taken
    /// away meanwhile took the lease along.
    private func claims(_ rows: Rows, in epoch: Int64, _ session: some SQLSession) async throws -> [Claim] {
        let recipes = try await names.recipes(rows.map { try $0.int32(Column.recipe) }, in: epoch, session)
        let upstreams = try rows.map { try $0.int64Array(Column.upstreams) }
        let outputs = try await upstreamOutputs(Set(upstreams.joined()), in: epoch, session)
        let lost = try await fenced(rows, where: upstreams.map { !$0.allSatisfy(outputs.keys.contains) }, session)
        return try zip(rows, upstreams).filter { row, _ in try !lost.contains(row.int64(Column.task)) }.map { row, upstreams in
            guard let digest = Digest(bytes: try row.bytea(Column.fingerprint)) else { throw FleetError("ledger.corrupt", "a task's fingerprint is not 32 bytes") }
            let recipe = try recipes.entry(try row.int32(Column.recipe), "recipe")
            var inputs: [StageName: String] = [:]
            for upstream in upstreams {
                let output = try outputs.entry(upstream, "the result of task")
                inputs[output.stage] = output.text
            }
            return Claim(task: try row.int64(Column.task), seq: try row.int64(Column.seq), stage: recipe.stage, job: try row.int64(Column.job),
                         lane: Lane(rawValue: try row.int16(Column.lane)) ?? .bulk, fingerprint: Fingerprint(digest: digest),
                         settings: recipe.settings, document: try row.text(Column.document), upstream: inputs,
                         attempt: try row.int(Column.attempt), strikes: try row.int(Column.strikes), isStarted: try row.bool(Column.started))
        }
    }

    /// What ``claimStatement`` gives, in its order.
    private enum Column {
        static let task = 0, seq = 1, recipe = 2, fingerprint = 3, attempt = 4, strikes = 5, upstreams = 6, started = 7, document = 8, job = 9, lane = 10
    }

    /// - Returns: those of the suspects whose leases are gone.
    private func fenced(_ rows: Rows, where isSuspect: [Bool], _ session: some SQLSession) async throws -> Set<Int64> {
        let suspects = zip(rows, isSuspect).filter(\.1).map(\.0)
        if suspects.isEmpty { return [] }
        return try await Set(session.query("""
            SELECT s.task FROM unnest($1::bigint[], $2::bigint[]) s(task, seq) WHERE NOT EXISTS (SELECT FROM running r WHERE r.task = s.task AND r.seq = s.seq)
            """, [.int64Array(try suspects.map { try $0.int64(Column.task) }), .int64Array(try suspects.map { try $0.int64(Column.seq) })]).map { try $0.int64(0) })
    }

    private func upstreamOutputs(_ tasks: Set<Int64>, in epoch: Int64, _ session: some SQLSession) async throws -> [Int64: (stage: StageName, text: String)] {
        if tasks.isEmpty { return [:] }
        let rows = try await session.query("SELECT r.task, t.stage, r.output FROM result r JOIN task t ON t.id = r.task WHERE r.task = ANY ($1)",
                                           [.int64Array(tasks.sorted())])
        let stages = try await names.stages(rows.map { try $0.int16(1) }, in: epoch, session)
        var outputs: [Int64: (stage: StageName, text: String)] = [:]
        outputs.reserveCapacity(rows.count)
        for row in rows {
            outputs[try row.int64(0)] = (try stages.entry(try row.int16(1), "stage"), try row.text(2))
        }
        return outputs
    }
}
