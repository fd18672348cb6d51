import FleetModel
import Foundation
import PostgreSQL

/// A recipe that a job has used, and what there is of it.
public struct RecipeUse: Sendable {
    public var recipe: Recipe
    public var results: Int
    /// Of the results: made by a declared fallback.
    public var degraded: Int
    public var firstAt: Date?
    public var lastAt: Date?
}

extension Ledger {
    /// Every recipe that was ever used, by stage, the youngest last. Reads all results' dates.
    public func recipes() async throws -> [RecipeUse] {
        try await query("list recipes", """
            SELECT s.name, c.version, c.settings, COALESCE(u.n, 0) AS results, COALESCE(u.degraded, 0) AS degraded, u.first, u.last
            FROM recipe c JOIN stage s ON s.id = c.stage
            LEFT JOIN (SELECT t.recipe, count(*) AS n, count(*) FILTER (WHERE r.degraded) AS degraded, min(r.at) AS first, max(r.at) AS last
                       FROM result r JOIN task t ON t.id = r.task GROUP BY t.recipe) u ON u.recipe = c.id
            ORDER BY s.name COLLATE "C", c.version, c.id
            """).map { row in
            RecipeUse(recipe: Recipe(stage: try NameCache.stageName(try row.text("name")), version: try row.int("version"), settings: try row.text("settings")),
                      results: try row.int("results"), degraded: try row.int("degraded"), firstAt: try row.timestampIfPresent("first")?.date,
                      lastAt: try row.timestampIfPresent("last")?.date)
        }
    }
}
