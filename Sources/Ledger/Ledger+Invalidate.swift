import FleetModel
import Foundation
import Logging
import PostgreSQL

extension Ledger {
    /// Has results made again that are no good: a bad model wrote them, a fallback that should not have, a poisoned cache (hazard 8). They are deleted, with all
    /// that was made from them, however far, so that no fingerprint finds them; their tasks are open. Work that runs on such an input is fenced off.
    ///
    /// Jobs that had ended and had any of it are open again: running, or paused until they are resumed. Others that share the work, and jobs that are submitted
    /// later, run it at once. Any number, in transactions of some hundred results with all that depends on them; a kill on the way leaves a sound ledger, and the
    /// call can be repeated.
    ///
    /// Stop the workers that write such results first: what is written after this began is taken for good.
    ///
    /// - Parameters:
    ///   - rerun: whether jobs that had ended run at once.
    ///   - progress: called with the report so far.
    public func invalidate(_ filter: ResultFilter, rerun: Bool = false, progress: (@Sendable (InvalidationReport) -> Void)? = nil) async throws -> InvalidationReport {
        var filter = filter
        let now = try await query("read the time", "SELECT clock_timestamp()").first?.timestamp(0).date
        filter.until = [filter.until, now].compactMap { $0 }.min()
        let recipes = try await matchingRecipes(filter)
        var report = InvalidationReport()
        let record = try await begin(Described(filter, rerun: rerun))
        for source in [ResultSource.results, .verdicts] {
            var after: Int64 = -1
            while true {
                let (start, bounds) = (after, filter)
                let batch = try await transaction("invalidate results") { transaction -> Invalidated? in
                    try await Self.lockStanding(.takingItAway, transaction)
                    let named = try await transaction.query(source.statement, bounds.parameters(recipes) + [.int64(start), .int(Self.namedPerBatch)]).map { try $0.int64(0) }
                    if named.isEmpty { return nil }
                    let done = try await Self.reopenWithDependents(named, rerun: rerun, transaction)
                    try await Self.addToRecord(record, done.named, transaction)
                    return done
                }
                guard let batch else { break }
                after = batch.last
                try await add(batch, to: &report)
                progress?(report)
            }
        }
        if report.named > 0 {
            logger.notice("ledger.invalidated", metadata: ["named": "\(report.named)", "tasks": "\(report.tasks.values.reduce(0, +))", "jobs": "\(report.jobs)"])
        }
        return report
    }

    /// The same for results that are named one by one.
    ///
    /// - Parameter reason: such as `blobs are lost`; the audit trail keeps it.
    public func invalidate(tasks: [Int64], because reason: String, rerun: Bool = false) async throws -> InvalidationReport {
        var report = InvalidationReport()
        if tasks.isEmpty { return report }
        let record = try await begin(Described(reason: reason, rerun: rerun))
        for start in stride(from: 0, to: tasks.count, by: Self.namedPerBatch) {
            let named = Array(tasks[start..<min(start + Self.namedPerBatch, tasks.count)])
            let batch = try await transaction("invalidate results") { transaction -> Invalidated? in
                try await Self.lockStanding(.takingItAway, transaction)
                let standing = try await transaction.query("SELECT id FROM task WHERE id = ANY ($1) AND state = 3 ORDER BY id", [.int64Array(named)]).map { try $0.int64(0) }
                if standing.isEmpty { return nil }
                let done = try await Self.reopenWithDependents(standing, rerun: rerun, transaction)
                try await Self.addToRecord(record, done.named, transaction)
                return done
            }
            if let batch { try await add(batch, to: &report) }
        }
        return report
    }

    /// What `invalidate` would do, by one snapshot, without doing it.
    public func countInvalid(_ filter: ResultFilter) async throws -> InvalidationReport {
        let recipes = try await matchingRecipes(filter)
        return try await snapshot("count invalid results") { transaction in
            var report = InvalidationReport()
            let named = ResultSource.allCases.map { "(\($0.statement))" }.joined(separator: " UNION ALL ")
            let parameters = filter.parameters(recipes) + [.int64(-1), .int64(.max)]
            let closure = "WITH RECURSIVE n(id) AS (\(named)), c(id) AS (SELECT id FROM n UNION SELECT e.down FROM c JOIN edge e ON e.up = c.id)"
            let rows = try await transaction.query("""
                \(closure) SELECT t.stage, count(*) AS tasks, (SELECT count(*) FROM n) AS named
                FROM c JOIN task t ON t.id = c.id LEFT JOIN filtered f ON f.task = t.id
                WHERE NOT (t.state = 4 AND NOT COALESCE(f.origin IN (SELECT id FROM c), true)) GROUP BY t.stage
                """, parameters, timeout: .seconds(1_800))
            let stages = try await NameCache.stages(transaction)
            for row in rows {
                report.named = try row.int("named")
                report.tasks[try stages.entry(try row.int16("stage"), "stage")] = try row.int("tasks")
            }
            report.jobs = try await transaction.query("""
                \(closure) SELECT j.id FROM job j WHERE j.state = 4 AND EXISTS (SELECT FROM job_task jt JOIN c ON c.id = jt.task WHERE jt.job = j.id) ORDER BY j.id
                """, parameters, timeout: .seconds(1_800)).map { JobID(rawValue: try $0.int64(0)) }
            return report
        }
    }

    /// What the audit trail keeps of it.
    private struct Described: Encodable, Sendable {
        var stage: String?
        var version: Int?
        var recipe: String?
        var since: String?
        var until: String?
        var degraded: Bool?
        var reason: String?
        var rerun: Bool

        init(_ filter: ResultFilter, rerun: Bool) {
            stage = filter.stage?.rawValue
            version = filter.version
            recipe = filter.recipe
            since = filter.since?.ISO8601Format()
            until = filter.until?.ISO8601Format()
            degraded = filter.degradedOnly ? true : nil
            self.rerun = rerun
        }

        init(reason: String, rerun: Bool) {
            self.reason = reason
            self.rerun = rerun
        }
    }

    private func begin(_ what: Described) async throws -> Int64 {
        try await transaction("record an invalidation") { try await record(.resultsInvalidate, what, count: 0, $0) }
    }

    /// With some eight stages a clip, a transaction over some thousand tasks.
    private static let namedPerBatch = 500

    /// - Throws: `result.no_recipe` where the filter names none that was ever used.
    private func matchingRecipes(_ filter: ResultFilter) async throws -> [Int32] {
        let recipes = try await query("look for recipes", """
            SELECT r.id FROM recipe r JOIN stage s ON s.id = r.stage
            WHERE ($1::text IS NULL OR s.name = $1) AND ($2::integer IS NULL OR r.version = $2) AND ($3::text IS NULL OR encode(r.digest, 'hex') LIKE $3 || '%')
            """, [.text(filter.stage?.rawValue), .int32(filter.version.map { Int32(clamping: $0) }), .text(filter.recipe)]).map { try $0.int32(0) }
        if recipes.isEmpty {
            let wanted = [filter.stage.map { "stage '\($0)'" }, filter.version.map { "version \($0)" }, filter.recipe.map { "digest \($0)…" }].compactMap { $0 }
            throw FleetError("result.no_recipe", "no job ever used a recipe of \(wanted.joined(separator: ", ")): 'mvfleet results recipes' lists those that were")
        }
        return recipes
    }

    private func add(_ batch: Invalidated, to report: inout InvalidationReport) async throws {
        report.named += batch.named
        let stages = try await translated("read stages") { try await pool.withConnection { try await NameCache.stages($0) } }
        for (stage, count) in batch.tasks { report.tasks[try stages.entry(stage, "stage"), default: 0] += count }
        report.jobs = Set(report.jobs + batch.jobs).sorted { $0.rawValue < $1.rawValue }
    }
}

/// Where what can be invalidated stands: results, and verdicts that a stage gave itself.
private enum ResultSource: CaseIterable {
    case results
    case verdicts

    /// Over the parameters of a filter, then the task after which to begin, and how many. Answered row by row in the order of tasks, from indices.
    var statement: String {
        switch self {
        case .results: """
            SELECT r.task AS id FROM result r CROSS JOIN LATERAL (SELECT FROM task t WHERE t.id = r.task AND t.state = 3 AND t.recipe = ANY ($1) OFFSET 0) t
            WHERE r.task > $5 AND r.at >= COALESCE($2, '-infinity') AND r.at < COALESCE($3, 'infinity') AND (NOT $4 OR r.degraded) ORDER BY r.task LIMIT $6
            """
        case .verdicts: """
            SELECT f.task AS id FROM filtered f CROSS JOIN LATERAL (SELECT FROM task t WHERE t.id = f.task AND t.state = 4 AND t.recipe = ANY ($1) OFFSET 0) t
            WHERE f.task > $5 AND f.at >= COALESCE($2, '-infinity') AND f.at < COALESCE($3, 'infinity') AND NOT $4 AND f.origin = f.task ORDER BY f.task LIMIT $6
            """
        }
    }
}

extension ResultFilter {
    fileprivate func parameters(_ recipes: [Int32]) -> [Parameter] {
        [.int32Array(recipes), .timestamp(since.map { Timestamp($0) }), .timestamp(until.map { Timestamp($0) }), .bool(degradedOnly)]
    }
}
