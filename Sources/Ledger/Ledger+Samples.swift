import FleetModel
import PostgreSQL

extension Ledger {
    /// Some clips of a collection, always the same ones, as if drawn by chance.
    ///
    /// - Throws: `job.unknown_collection`.
    public func sample(of collection: String, count: Int) async throws -> [Clip] {
        guard let row = try await query("look for a collection", "SELECT id FROM collection WHERE name = $1", [.text(collection)]).first else {
            throw FleetError("job.unknown_collection", "there is no collection '\(collection)': run `mvfleet ingest` for it, or see the list of collections")
        }
        return try await query("draw clips", """
            SELECT v.document FROM clip c JOIN clip_version v ON v.id = c.version WHERE c.collection = $1 AND NOT c.gone ORDER BY md5(c.key), c.key LIMIT $2
            """, [.int32(try row.int32(0)), .int64(Int64(count))]).map { try Clip(document: try $0.text(0)) }
    }

    /// How tasks have ended that have, by fingerprint: their output, or nil where they are filtered.
    public func outputs(of fingerprints: [Fingerprint]) async throws -> [Fingerprint: String?] {
        let rows = try await query("read outputs", """
            SELECT t.fp, r.output FROM unnest($1::bytea[]) x(fp) JOIN task t USING (fp) LEFT JOIN result r ON r.task = t.id
            WHERE r.task IS NOT NULL OR t.state = \(TaskState.filtered.rawValue)
            """, [.byteaArray(fingerprints.map(\.digest.bytes))])
        var outputs: [Fingerprint: String?] = [:]
        for row in rows {
            guard let digest = Digest(bytes: try row.bytea(0)[...]) else { continue }
            outputs.updateValue(try row.textIfPresent(1), forKey: Fingerprint(digest: digest))
        }
        return outputs
    }

    /// What texts of these recipes have taken so far, repeated requests included, by the recipe's digest.
    public func textUsage(of recipes: [Recipe]) async throws -> [Digest: TextUsage] {
        let rows = try await query("read what texts have taken", """
            SELECT r.digest, count(DISTINCT a.task), count(*), sum(a.prompt_tokens)::bigint, sum(a.answer_tokens)::bigint, sum(a.cost)::bigint
            FROM recipe r JOIN task t ON t.recipe = r.id JOIN llm_answer a ON a.task = t.id WHERE r.digest = ANY ($1) AND t.state <> 0 GROUP BY r.digest
            """, [.byteaArray(recipes.map(\.digest.bytes))])
        var usages: [Digest: TextUsage] = [:]
        for row in rows {
            guard let digest = Digest(bytes: try row.bytea(0)[...]) else { continue }
            usages[digest] = TextUsage(texts: try row.int(1), requests: try row.int(2), promptTokens: try row.intIfPresent(3) ?? 0, answerTokens: try row.intIfPresent(4) ?? 0,
                                                cost: Money(nanoDollars: try row.int64IfPresent(5) ?? 0))
        }
        return usages
    }
}

/// What texts that ended have taken of language models.
public struct TextUsage: Sendable, Equatable {
    public var texts: Int
    public var requests: Int
    public var promptTokens: Int
    public var answerTokens: Int
    public var cost: Money
}
