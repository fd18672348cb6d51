import FleetModel
import PostgreSQL

/// What was paid for.
public struct LanguageModelUsage: Sendable, Equatable {
    public var stage: StageName
    public var model: String
    /// Different requests that were answered.
    public var requests: Int
    /// Of them by batch.
    public var batched: Int
    public var promptTokens: Int
    public var cachedTokens: Int
    public var answerTokens: Int
    public var cost: Money
    /// Answers of which the server did not say what they cost: their part of `cost` is an estimate.
    public var estimated: Int
    /// How often a request was sent again because a process died while it was under way.
    public var sentAgain: Int
}

extension Ledger {
    /// What a job has paid language models for, by stage and model. What it reused of other jobs is theirs.
    public func languageModelUsage(of job: JobID) async throws -> [LanguageModelUsage] { try await usage("job = $1", .int64(job.rawValue)) }

    /// What was paid for one task's result.
    public func languageModelUsage(ofTask task: Int64) async throws -> [LanguageModelUsage] { try await usage("task = $1", .int64(task)) }

    private func usage(_ condition: String, _ key: Parameter) async throws -> [LanguageModelUsage] {
        try await query("read what language models cost", """
            SELECT stage, model, count(*) AS requests, count(*) FILTER (WHERE is_batch) AS batched, COALESCE(sum(prompt_tokens), 0)::bigint AS prompt,
                   COALESCE(sum(cached_tokens), 0)::bigint AS cached, COALESCE(sum(answer_tokens), 0)::bigint AS answer, sum(cost)::bigint AS cost,
                   count(*) FILTER (WHERE prompt_tokens IS NULL) AS estimated, sum(asked - 1)::bigint AS again
            FROM llm_answer WHERE \(condition) GROUP BY stage, model ORDER BY stage, model
            """, [key]).map { row in
            LanguageModelUsage(stage: try NameCache.stageName(try row.text("stage")), model: try row.text("model"), requests: try row.int("requests"), batched: try row.int("batched"),
                               promptTokens: try row.int("prompt"), cachedTokens: try row.int("cached"), answerTokens: try row.int("answer"),
                               cost: Money(nanoDollars: try row.int64("cost")), estimated: try row.int("estimated"), sentAgain: try row.int("again"))
        }
    }
}
