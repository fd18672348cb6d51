import FleetModel
import PostgreSQL

extension Ledger {
    /// Sets what a job may spend on language models in all, also where it has spent some already; nil for no limit. Where it was reached and is so no more, the tasks
    /// that waited for it are due at once.
    ///
    /// - Throws: `job.unknown`.
    @discardableResult
    public func setBudget(_ allowance: Money?, of job: JobID) async throws -> JobBudget {
        let budget = try await transaction("set a job's budget") { transaction in
            guard try await transaction.queryFirst("SELECT FROM job WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE", [.int64(job.rawValue)]) != nil else { throw Self.unknown(job) }
            let row = try await transaction.queryOne("""
                INSERT INTO llm_budget AS b (job, allowance) VALUES ($1, $2)
                ON CONFLICT (job) DO UPDATE SET allowance = $2, reached_at = CASE WHEN $2 IS NULL OR $2 > b.spent THEN NULL ELSE b.reached_at END
                RETURNING allowance, spent, reserved, reached_at IS NOT NULL AS reached
                """, [.int64(job.rawValue), .int64(allowance?.nanoDollars)])
            try await record(.jobBudget, JobBudgetChange(job: job.rawValue, budget: allowance.map(\.description) ?? "unlimited"), count: 1, transaction)
            return try Self.budget(job.rawValue, allowance: try row.int64IfPresent(0), spent: try row.int64(1), reserved: try row.int64(2), isReached: try row.bool(3))
        }
        if !budget.isReached { try await wakeLanguageModelWaiters() }
        return budget
    }

    /// Of those jobs that have asked a language model or were given a budget; of all such where nil.
    public func budgets(of jobs: [JobID]? = nil) async throws -> [JobBudget] {
        try await query("read budgets", """
            SELECT job, allowance, spent, reserved, reached_at IS NOT NULL AS reached FROM llm_budget WHERE $1::bigint[] IS NULL OR job = ANY ($1) ORDER BY job
            """, [jobs.map { .int64Array($0.map(\.rawValue)) } ?? .null]).map { row in
            try Self.budget(try row.int64(0), allowance: try row.int64IfPresent(1), spent: try row.int64(2), reserved: try row.int64(3), isReached: try row.bool(4))
        }
    }

    /// A running job that wants the task too and has not reached its budget: it may pay where `job` cannot.
    public func otherPayer(of task: Int64, besides job: Int64) async throws -> Int64? {
        try await query("look for a job that pays", """
            SELECT o.job FROM job_task o JOIN job j ON j.id = o.job WHERE o.task = $1 AND o.job <> $2 AND j.state = 1
            AND NOT EXISTS (SELECT FROM llm_budget b WHERE b.job = o.job AND b.reached_at IS NOT NULL) ORDER BY j.priority DESC, o.job LIMIT 1
            """, [.int64(task), .int64(job)]).first?.int64(0)
    }

    private struct JobBudgetChange: Encodable {
        var job: Int64
        var budget: String
    }

    /// Sets aside what these may cost, in the order given, as far as their jobs' allowances reach.
    ///
    /// - Returns: a verdict for each that finds no room, by digest.
    static func reserve(_ intents: [LanguageModelIntent], _ transaction: Transaction) async throws -> [[UInt8]: LanguageModelVerdict] {
        let byJob = Dictionary(grouping: intents.filter { $0.job != nil }, by: { $0.job ?? 0 })
        if byJob.isEmpty { return [:] }
        let jobs = byJob.keys.sorted()
        let rows = try await transaction.query("""
            INSERT INTO llm_budget AS b (job, reserved) SELECT * FROM unnest($1::bigint[], $2::bigint[])
            ON CONFLICT (job) DO UPDATE SET reserved = b.reserved + EXCLUDED.reserved
            RETURNING job, allowance, spent, reserved, reached_at IS NOT NULL AS reached
            """, [.int64Array(jobs), .int64Array(jobs.map { (byJob[$0] ?? []).reduce(0) { $0 + ($1.reserve ?? .zero).nanoDollars } })])
        var refused: [[UInt8]: LanguageModelVerdict] = [:]
        for row in rows {
            let job = try row.int64(0), wanted = byJob[job] ?? []
            var budget = try budget(job, allowance: try row.int64IfPresent(1), spent: try row.int64(2), reserved: try row.int64(3), isReached: try row.bool(4))
            guard let allowance = budget.allowance, budget.isReached || budget.spent + budget.reserved > allowance || wanted.contains(where: { $0.reserve == nil }) else { continue }
            let asked = wanted.reduce(Money.zero) { $0 + ($1.reserve ?? .zero) }
            budget.reserved = budget.reserved - asked
            var given = Money.zero
            for intent in wanted {
                guard let reserve = intent.reserve else {
                    refused[intent.digest] = .unpriced
                    continue
                }
                if !budget.isReached, budget.spent + budget.reserved + given + reserve <= allowance {
                    given = given + reserve
                } else {
                    // Where what is under way turns out cheaper than it might, there is room later.
                    let isReached = budget.isReached || budget.spent + reserve > allowance
                    refused[intent.digest] = .overBudget(budget, isReached: isReached)
                }
            }
            try await transaction.execute("""
                UPDATE llm_budget SET reserved = reserved - $2, reached_at = CASE WHEN $3 THEN COALESCE(reached_at, now()) ELSE reached_at END WHERE job = $1
                """, [.int64(job), .int64((asked - given).nanoDollars), .bool(refused.values.contains { $0.isReached(job) })])
        }
        return refused
    }

    /// Gives back what was set aside.
    static func release(_ reserved: [Int64: Int64], _ transaction: Transaction) async throws {
        let jobs = reserved.keys.sorted()
        if jobs.isEmpty { return }
        try await transaction.execute("""
            WITH k AS (SELECT b.job, s.reserve FROM llm_budget b JOIN unnest($1::bigint[], $2::bigint[]) s(job, reserve) ON s.job = b.job ORDER BY b.job FOR UPDATE OF b)
            UPDATE llm_budget b SET reserved = GREATEST(b.reserved - k.reserve, 0) FROM k WHERE k.job = b.job
            """, [.int64Array(jobs), .int64Array(jobs.map { reserved[$0] ?? 0 })])
    }
}

extension LanguageModelVerdict {
    fileprivate func isReached(_ job: Int64) -> Bool {
        if case .overBudget(let budget, isReached: true) = self { budget.job == job } else { false }
    }
}
