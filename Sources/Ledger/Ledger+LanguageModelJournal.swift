import FleetModel
import Foundation
import PostgreSQL

/// The journal of language models: nothing is sent before it is written down, and nothing that was paid for is read before it is kept (hazard 10).
///
/// Locks are taken in the order `llm_intent` by digest, `llm_line`, `llm_answer`, `llm_budget` by job, and nothing of tasks beside them.
extension Ledger {
    /// Says of each request whether it is to be sent, and writes down those that are.
    ///
    /// - Parameters:
    ///   - intents: of different digests.
    ///   - isAsking: false for those that want only to know, and are not written down: they get no `send`.
    /// - Returns: one verdict per intent, in order.
    public func intend(_ intents: [LanguageModelIntent], isAsking: [Bool], by gateway: UUID) async throws -> [LanguageModelVerdict] {
        if intents.isEmpty { return [] }
        var known = try await translated("look requests up") { try await Self.lookUp(intents, by: gateway, try await pool.query(Self.lookUpStatement, Self.lookUpParameters(intents, gateway))) }
        let open = intents.indices.filter { known[$0].isOpen && isAsking[$0] }
        if open.isEmpty { return known.map(\.verdict) }
        let stale = open.contains { known[$0].isStale }
        let wanted = open.map { intents[$0] }.sorted { $0.digest.lexicographicallyPrecedes($1.digest) }
        let verdicts = try await transaction("write down what is asked") { transaction in
            let earlier = stale ? try await Self.takeOver(wanted, by: gateway, transaction) : [:]
            let mine = Set(try await transaction.query("""
                INSERT INTO llm_intent (digest, gateway, task, job, stage, model, reserve, asked)
                SELECT s.digest, $7, s.task, s.job, s.stage, s.model, s.reserve, s.asked
                FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $8::smallint[]) s(digest, task, job, stage, model, reserve, asked)
                ON CONFLICT (digest) DO NOTHING RETURNING digest
                """, Self.columns(wanted) + [.uuid(gateway.byteArray), .int16Array(wanted.map { (earlier[$0.digest] ?? 0) + 1 })]).map { try $0.bytea(0) })
            var verdicts = Dictionary(uniqueKeysWithValues: wanted.map { ($0.digest, mine.contains($0.digest) ? LanguageModelVerdict.send : .underWay) })
            // A new snapshot: an answer that was written between the look-up and our intent shows now; one that is not there yet found our intent in its way.
            let granted = wanted.filter { mine.contains($0.digest) }
            for (intent, verdict) in zip(granted, try await Self.lookUp(granted, by: gateway, try await transaction.query(Self.lookUpStatement, Self.lookUpParameters(granted, gateway)))) {
                switch verdict.verdict {
                case .answered, .inBatch, .overBudget: verdicts[intent.digest] = verdict.verdict
                case .send, .underWay, .unknown, .notByBatch, .unpriced: break
                }
            }
            for (job, verdict) in try await Self.reserve(granted.filter { verdicts[$0.digest] == .send }, transaction) { verdicts[job] = verdict }
            let dropped = granted.map(\.digest).filter { verdicts[$0] != .send }
            if !dropped.isEmpty { try await transaction.execute("DELETE FROM llm_intent WHERE digest = ANY ($1)", [.byteaArray(dropped)]) }
            return verdicts
        }
        for index in open { known[index].verdict = verdicts[intents[index].digest] ?? .underWay }
        return known.map(\.verdict)
    }

    /// Writes how requests ended: answers with their cost, and what came to nothing. May be said again where it is not known whether it was heard.
    ///
    /// An answer is kept though somebody else has asked the same meanwhile; the first one stays, and the second one's cost is added.
    public func end(_ endings: [LanguageModelEnding], by gateway: UUID) async throws {
        if endings.isEmpty { return }
        let endings = endings.sorted { $0.intent.digest.lexicographicallyPrecedes($1.intent.digest) }
        let answers = endings.map(\.answer)
        _ = try await transaction("write down answers") { transaction in
            try await transaction.query(Self.endStatement, Self.columns(endings.map(\.intent)) + [
                .uuid(gateway.byteArray), .int64Array(endings.map(\.receipt)), .textArray(answers.map(\.?.text.withoutNUL)), .textArray(answers.map(\.?.finishReason.storable)),
                .textArray(answers.map(\.?.refusal?.storable)), .textArray(answers.map(\.?.model.storable)), .textArray(answers.map(\.?.endpoint)),
                .boolArray(answers.map(\.?.isBatch)), .int32Array(answers.map { $0?.usage.map { Int32(clamping: $0.prompt) } }),
                .int32Array(answers.map { $0?.usage.map { Int32(clamping: $0.cached) } }), .int32Array(answers.map { $0?.usage.map { Int32(clamping: $0.answer) } }),
                .int64Array(endings.map { ($0.answer?.cost ?? $0.lost).nanoDollars }),
            ])
        }
    }

    private static let endStatement = """
        WITH s AS MATERIALIZED (
                 SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[],
                                      $12::text[], $13::text[], $14::boolean[], $15::integer[], $16::integer[], $17::integer[], $18::bigint[])
                     s(digest, task, job, stage, model, reserve, receipt, answer, finish_reason, refusal, served, endpoint, is_batch, prompt, cached, words, cost)),
             d AS (DELETE FROM llm_intent i USING s WHERE i.digest = s.digest AND i.gateway = $7 RETURNING i.digest, i.job, i.reserve, i.asked),
             l AS (DELETE FROM llm_line l USING s WHERE l.digest = s.digest AND s.answer IS NOT NULL AND l.batch IS NULL RETURNING l.job, l.reserve),
             a AS (INSERT INTO llm_answer AS a (digest, task, job, stage, model, served, endpoint, is_batch, prompt_tokens, cached_tokens, answer_tokens, cost, asked, receipt,
                                                finish_reason, refusal, answer)
                   SELECT s.digest, s.task, s.job, s.stage, s.model, s.served, s.endpoint, s.is_batch, s.prompt, s.cached, s.words, s.cost, COALESCE(d.asked, 1), s.receipt,
                          s.finish_reason, s.refusal, s.answer
                   FROM s LEFT JOIN d ON d.digest = s.digest WHERE s.answer IS NOT NULL
                   ON CONFLICT (digest) DO UPDATE SET cost = a.cost + EXCLUDED.cost, paid = a.paid + 1, asked = GREATEST(a.asked, EXCLUDED.asked), receipt = EXCLUDED.receipt
                   WHERE a.receipt <> EXCLUDED.receipt
                   RETURNING a.digest),
             c AS (SELECT job, sum(cost)::bigint AS cost, sum(reserve)::bigint AS reserve
                   FROM (SELECT s.job, s.cost, 0 AS reserve FROM s JOIN a ON a.digest = s.digest
                         UNION ALL SELECT d.job, s.cost, 0 FROM d JOIN s ON s.digest = d.digest WHERE s.answer IS NULL
                         UNION ALL SELECT d.job, 0, d.reserve FROM d UNION ALL SELECT l.job, 0, l.reserve FROM l) c
                   WHERE job IS NOT NULL GROUP BY job)
        INSERT INTO llm_budget AS b (job, spent, reserved) SELECT job, cost, 0 FROM c ORDER BY job
        ON CONFLICT (job) DO UPDATE SET spent = b.spent + EXCLUDED.spent,
                                        reserved = GREATEST(b.reserved - (SELECT c.reserve FROM c WHERE c.job = b.job), 0)
        """

    // MARK: looking up

    private struct Known {
        var verdict: LanguageModelVerdict
        /// Whether something stands in the way that nobody is at any more: an intent of a dead process, a line that no batch takes.
        var isStale = false

        var isOpen: Bool { verdict == .unknown || verdict == .notByBatch }
    }

    /// The answer; or who is at it; or the budget that is used up.
    private static let lookUpStatement = """
        SELECT s.n, a.answer, a.finish_reason, a.refusal, a.served, a.endpoint, a.is_batch, a.prompt_tokens, a.cached_tokens, a.answer_tokens, a.cost,
               i.lives, l.batchable, b.allowance, b.spent, b.reserved
        FROM unnest($1::bytea[], $2::bigint[]) WITH ORDINALITY s(digest, job, n)
             LEFT JOIN LATERAL (SELECT * FROM llm_answer a WHERE a.digest = s.digest OFFSET 0) a ON true
             LEFT JOIN LATERAL (SELECT i.gateway <> $3 AND EXISTS (SELECT FROM llm_gateway g WHERE g.id = i.gateway AND g.until > clock_timestamp()) AS lives
                                FROM llm_intent i WHERE i.digest = s.digest OFFSET 0) i ON true
             LEFT JOIN LATERAL (SELECT l.is_batchable AS batchable FROM llm_line l WHERE l.digest = s.digest OFFSET 0) l ON true
             LEFT JOIN LATERAL (SELECT * FROM llm_budget b WHERE b.job = s.job AND b.reached_at IS NOT NULL OFFSET 0) b ON true
        ORDER BY s.n
        """

    private static func lookUpParameters(_ intents: [LanguageModelIntent], _ gateway: UUID) -> [Parameter] {
        [.byteaArray(intents.map(\.digest)), .int64Array(intents.map(\.job)), .uuid(gateway.byteArray)]
    }

    private static func lookUp(_ intents: [LanguageModelIntent], by gateway: UUID, _ rows: Rows) async throws -> [Known] {
        try zip(intents, rows).map { intent, row in
            if let text = try row.textIfPresent(1) {
                let prompt = try row.intIfPresent(7)
                let usage = try prompt.map { TokenUsage(prompt: $0, cached: try row.intIfPresent(8) ?? 0, answer: try row.intIfPresent(9) ?? 0) }
                return Known(verdict: .answered(RecordedAnswer(
                    text: text, finishReason: try row.text(2), refusal: try row.textIfPresent(3), model: try row.text(4), endpoint: try row.text(5), usage: usage,
                    cost: Money(nanoDollars: try row.int64(10)), isBatch: try row.bool(6))))
            }
            let lives = try row.boolIfPresent(11)
            if lives == true { return Known(verdict: .underWay) }
            let isBatchable = try row.boolIfPresent(12)
            if isBatchable == true { return Known(verdict: .inBatch) }
            if let job = intent.job, let spent = try row.int64IfPresent(14) {
                return Known(verdict: .overBudget(try budget(job, allowance: try row.int64IfPresent(13), spent: spent, reserved: try row.int64(15), isReached: true), isReached: true))
            }
            return Known(verdict: isBatchable == false ? .notByBatch : .unknown, isStale: lives == false || isBatchable == false)
        }
    }

    static func budget(_ job: Int64, allowance: Int64?, spent: Int64, reserved: Int64, isReached: Bool) throws -> JobBudget {
        JobBudget(job: job, allowance: allowance.map(Money.init(nanoDollars:)), spent: Money(nanoDollars: spent), reserved: Money(nanoDollars: reserved), isReached: isReached)
    }

    /// Clears intents of dead processes, and of this one (whose commit may have been lost), and lines that no batch takes any more; with what they had reserved.
    ///
    /// - Returns: how often each was sent before, as far as is known.
    private static func takeOver(_ intents: [LanguageModelIntent], by gateway: UUID, _ transaction: Transaction) async throws -> [[UInt8]: Int16] {
        let digests = Parameter.byteaArray(intents.map(\.digest))
        let rows = try await transaction.query("""
            WITH k AS (SELECT i.digest, i.gateway = $2 AS own FROM llm_intent i WHERE i.digest = ANY ($1)
                           AND (i.gateway = $2 OR NOT EXISTS (SELECT FROM llm_gateway g WHERE g.id = i.gateway AND g.until > clock_timestamp()))
                       ORDER BY i.digest FOR UPDATE OF i),
                 d AS (DELETE FROM llm_intent i USING k WHERE i.digest = k.digest RETURNING i.digest, i.job, i.reserve, CASE WHEN k.own THEN i.asked - 1 ELSE i.asked END::smallint AS asked),
                 l AS (DELETE FROM llm_line l WHERE l.digest = ANY ($1) AND NOT l.is_batchable AND l.batch IS NULL RETURNING l.digest, l.job, l.reserve)
            SELECT digest, job, reserve, asked FROM d UNION ALL SELECT digest, job, reserve, 0::smallint FROM l
            """, [digests, .uuid(gateway.byteArray)])
        var asked: [[UInt8]: Int16] = [:]
        var freed: [Int64: Int64] = [:]
        for row in rows {
            asked[try row.bytea(0), default: 0] += try row.int16("asked")
            if let job = try row.int64IfPresent("job") { freed[job, default: 0] += try row.int64(2) }
        }
        try await release(freed, transaction)
        return asked
    }

    static func columns(_ intents: [LanguageModelIntent]) -> [Parameter] {
        [
            .byteaArray(intents.map(\.digest)), .int64Array(intents.map(\.task)), .int64Array(intents.map(\.job)), .textArray(intents.map(\.stage.rawValue)),
            .textArray(intents.map(\.model)), .int64Array(intents.map { ($0.reserve ?? .zero).nanoDollars }),
        ]
    }
}

extension String {
    /// As a text column takes it, whatever its length.
    package var withoutNUL: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
