import FleetModel
import PostgreSQL

extension Ledger {
    /// Writes down requests that are to go by batch.
    ///
    /// - Parameter lines: of different digests.
    /// - Returns: `inBatch`, or why not, for each in order.
    public func queue(_ lines: [LanguageModelLine]) async throws -> [LanguageModelVerdict] {
        if lines.isEmpty { return [] }
        let sorted = lines.sorted { $0.intent.digest.lexicographicallyPrecedes($1.intent.digest) }
        let verdicts = try await transaction("queue requests for batches") { transaction in
            let mine = Set(try await transaction.query("""
                INSERT INTO llm_line (digest, task, job, stage, model, reserve, request, bytes, tokens)
                SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::bigint[])
                ON CONFLICT (digest) DO NOTHING RETURNING digest
                """, Self.columns(sorted.map(\.intent)) + [.textArray(sorted.map(\.request.withoutNUL)), .int64Array(sorted.map { Int64($0.byteCount) }), .int64Array(sorted.map { Int64($0.tokens) })])
                .map { try $0.bytea(0) })
            let new = sorted.map(\.intent).filter { mine.contains($0.digest) }
            var verdicts: [[UInt8]: LanguageModelVerdict] = [:]
            // As with intents: what was answered or sent meanwhile shows in a new snapshot.
            for row in try await transaction.query("""
                SELECT s.digest FROM unnest($1::bytea[]) s(digest)
                WHERE EXISTS (SELECT FROM llm_answer a WHERE a.digest = s.digest OFFSET 0) OR EXISTS (
                    SELECT FROM llm_intent i JOIN llm_gateway g ON g.id = i.gateway AND g.until > clock_timestamp() WHERE i.digest = s.digest OFFSET 0)
                """, [.byteaArray(new.map(\.digest))]) { verdicts[try row.bytea(0)] = .underWay }
            for (digest, verdict) in try await Self.reserve(new.filter { verdicts[$0.digest] == nil }, transaction) { verdicts[digest] = verdict }
            if !verdicts.isEmpty { try await transaction.execute("DELETE FROM llm_line WHERE digest = ANY ($1)", [.byteaArray(Array(verdicts.keys))]) }
            return verdicts
        }
        return lines.map { verdicts[$0.intent.digest] ?? .inBatch }
    }

    /// Packs the requests of one model that have waited long enough, or are enough for a batch, oldest first.
    ///
    /// - Parameter token: of the new batch.
    /// - Returns: false where there is nothing to pack.
    public func packBatch(token: String, endpoint: String, size: BatchSize) async throws -> Bool {
        try await transaction("pack a batch") { transaction in
            try await transaction.execute("""
                WITH m AS MATERIALIZED (
                         SELECT model FROM llm_line WHERE batch IS NULL AND is_batchable
                         GROUP BY model HAVING count(*) >= $3 OR sum(bytes) >= $4 OR sum(tokens) >= $5 OR min(at) <= clock_timestamp() - $6::interval ORDER BY min(at) LIMIT 1),
                     r AS (SELECT l.digest, row_number() OVER w AS n, sum(l.bytes) OVER w AS b, sum(l.tokens) OVER w AS t
                           FROM llm_line l JOIN m ON m.model = l.model WHERE l.batch IS NULL AND l.is_batchable WINDOW w AS (ORDER BY l.at, l.digest)),
                     k AS MATERIALIZED (SELECT digest FROM r WHERE n <= $3 AND (n = 1 OR (b <= $4 AND t <= $5))
                                            AND t <= $7 - (SELECT COALESCE(sum(tokens), 0) FROM llm_line WHERE batch IS NOT NULL)),
                     b AS (INSERT INTO llm_batch (token, endpoint, model, lines) SELECT $1, $2, m.model, (SELECT count(*) FROM k) FROM m WHERE EXISTS (SELECT FROM k) RETURNING id)
                UPDATE llm_line l SET batch = b.id FROM b, k WHERE l.digest = k.digest
                """, [.text(token), .text(endpoint), .int(size.lines), .int(size.bytes), .int(size.tokens), .interval(size.linger), .int(size.tokensUnderWay)]) > 0
        }
    }

    public func openBatches() async throws -> [LanguageModelBatch] {
        try await query("list open batches", """
            SELECT id, token, endpoint, model, state, lines, input_file, remote, status, output_file, error_file, answered FROM llm_batch WHERE state < 6 ORDER BY id
            """).map { row in
            LanguageModelBatch(id: try row.int64("id"), token: try row.text("token"), endpoint: try row.text("endpoint"), model: try row.text("model"),
                               state: LanguageModelBatch.State(rawValue: try row.int16("state")) ?? .over, lines: try row.int("lines"), inputFile: try row.textIfPresent("input_file"),
                               remote: try row.textIfPresent("remote"), status: try row.text("status"), outputFile: try row.textIfPresent("output_file"),
                               errorFile: try row.textIfPresent("error_file"), answered: try row.int("answered"))
        }
    }

    /// Writes how far a batch has come. One that somebody else has brought on changes nothing.
    ///
    /// - Returns: whether it was still in the state `from`.
    @discardableResult
    public func advance(_ batch: LanguageModelBatch, from state: LanguageModelBatch.State) async throws -> Bool {
        try await execute("write how far a batch has come", """
            UPDATE llm_batch SET state = $3, input_file = $4, remote = $5, status = $6, output_file = $7, error_file = $8, changed_at = now() WHERE id = $1 AND state = $2
            """, [
                .int64(batch.id), .int16(state.rawValue), .int16(batch.state.rawValue), .text(batch.inputFile), .text(batch.remote), .text(batch.status.storable),
                .text(batch.outputFile), .text(batch.errorFile),
            ]) > 0
    }

    /// Lines of a batch, in the order of their digests.
    public func lines(of batch: Int64, after digest: [UInt8], limit: Int) async throws -> [(digest: [UInt8], request: String)] {
        try await query("read a batch's lines", "SELECT digest, request FROM llm_line WHERE batch = $1 AND digest > $2 ORDER BY digest LIMIT $3", [.int64(batch), .bytea(digest), .int(limit)])
            .map { (try $0.bytea(0), try $0.text(1)) }
    }

    /// Writes answers that a batch brought. One that came before changes nothing, so all may be said again.
    public func record(_ answers: [BatchAnswer], of batch: Int64) async throws {
        if answers.isEmpty { return }
        let answers = Dictionary(answers.map { ($0.digest, $0) }) { first, _ in first }.values.sorted { $0.digest.lexicographicallyPrecedes($1.digest) }
        let recorded = answers.map(\.answer)
        _ = try await transaction("write down a batch's answers") { transaction in
            try await transaction.query("""
                WITH s AS MATERIALIZED (
                         SELECT * FROM unnest($2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[], $11::integer[], $12::bigint[])
                             s(digest, receipt, answer, finish_reason, refusal, served, endpoint, prompt, cached, words, cost)),
                     l AS (DELETE FROM llm_line l USING s WHERE l.digest = s.digest AND l.batch = $1
                           RETURNING l.digest, l.task, l.job, l.stage, l.model, l.reserve, l.failures),
                     a AS (INSERT INTO llm_answer AS a (digest, task, job, stage, model, served, endpoint, is_batch, prompt_tokens, cached_tokens, answer_tokens, cost, asked, receipt,
                                                        finish_reason, refusal, answer)
                           SELECT l.digest, l.task, l.job, l.stage, l.model, s.served, s.endpoint, true, s.prompt, s.cached, s.words, s.cost, l.failures + 1, s.receipt,
                                  s.finish_reason, s.refusal, s.answer
                           FROM l JOIN s ON s.digest = l.digest
                           ON CONFLICT (digest) DO UPDATE SET cost = a.cost + EXCLUDED.cost, paid = a.paid + 1),
                     n AS (UPDATE llm_batch SET answered = answered + (SELECT count(*) FROM l) WHERE id = $1),
                     c AS (SELECT l.job, sum(s.cost)::bigint AS cost, sum(l.reserve)::bigint AS reserve FROM l JOIN s ON s.digest = l.digest WHERE l.job IS NOT NULL GROUP BY l.job)
                INSERT INTO llm_budget AS b (job, spent) SELECT job, cost FROM c ORDER BY job
                ON CONFLICT (job) DO UPDATE SET spent = b.spent + EXCLUDED.spent, reserved = GREATEST(b.reserved - (SELECT c.reserve FROM c WHERE c.job = b.job), 0)
                """, [
                    .int64(batch), .byteaArray(answers.map(\.digest)), .int64Array(answers.map(\.receipt)), .textArray(recorded.map(\.text.withoutNUL)),
                    .textArray(recorded.map(\.finishReason.storable)), .textArray(recorded.map { $0.refusal?.storable }), .textArray(recorded.map(\.model.storable)),
                    .textArray(recorded.map(\.endpoint)), .int32Array(recorded.map { $0.usage.map { Int32(clamping: $0.prompt) } }),
                    .int32Array(recorded.map { $0.usage.map { Int32(clamping: $0.cached) } }), .int32Array(recorded.map { $0.usage.map { Int32(clamping: $0.answer) } }),
                    .int64Array(recorded.map(\.cost.nanoDollars)),
                ])
        }
    }

    /// Lines that a batch leaves without an answer wait for another; those that several left, or that none will answer, are sent by themselves.
    ///
    /// - Parameter refused: lines that the server does not take, whatever the batch.
    public func releaseLines(of batch: LanguageModelBatch, refused: [[UInt8]], mostFailures: Int) async throws {
        _ = try await execute("give back a batch's lines", """
            UPDATE llm_line SET batch = NULL, failures = LEAST(failures + 1, 32767)::smallint, is_batchable = failures + 1 < $2 AND NOT digest = ANY ($3), at = now() WHERE batch = $1
            """, [.int64(batch.id), .int(mostFailures), .byteaArray(refused)])
    }

    /// Requests that wait for a batch, and that are in one.
    public func batchBacklog() async throws -> (waiting: Int, underWay: Int) {
        let row = try await query("count what goes by batch", "SELECT count(*) FILTER (WHERE batch IS NULL), count(*) FILTER (WHERE batch IS NOT NULL) FROM llm_line WHERE is_batchable").first
        return (try row?.int(0) ?? 0, try row?.int(1) ?? 0)
    }
}
