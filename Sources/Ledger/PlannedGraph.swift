import FleetModel
import PostgreSQL

/// A job's stages as the ledger numbers them, in topological order.
struct PlannedGraph: Sendable {
    struct Stage: Sendable {
        var id: Int16
        var recipe: Recipe
        var recipeID: Int32
        var queue: Int32
        /// Indices of required stages, all smaller than this one's own.
        var requires: [Int]
        var reads: [SourceField]
        /// Length of the longest path to it. A fingerprint fixes it, since it covers all upstream recipes.
        var rank: Int16
    }

    var stages: [Stage]

    /// One fingerprint per stage, as `StageGraph.fingerprints(of:)` gives them, from digests that were taken at ingest.
    func fingerprints(_ sources: [SourceField: Digest]) -> [Fingerprint] {
        var known: [Fingerprint] = []
        known.reserveCapacity(stages.count)
        for stage in stages {
            var read: [SourceField: Digest] = [:]
            for field in stage.reads { read[field] = sources[field] }
            var upstream: [StageName: Fingerprint] = [:]
            for index in stage.requires { upstream[stages[index].recipe.stage] = known[index] }
            known.append(Fingerprint(recipe: stage.recipe, sources: read, upstream: upstream))
        }
        return known
    }

    static func ranks(of requires: [[Int]]) -> [Int16] {
        var ranks: [Int16] = []
        for required in requires { ranks.append((required.map { ranks[$0] }.max() ?? -1) + 1) }
        return ranks
    }

    /// As submission wrote it.
    static func read(job: JobID, _ session: some SQLSession) async throws -> PlannedGraph {
        let rows = try await session.query("""
            SELECT p.stage, s.name, p.recipe, r.version, r.settings, p.queue, p.requires, p.reads
            FROM job_recipe p JOIN stage s ON s.id = p.stage JOIN recipe r ON r.id = p.recipe WHERE p.job = $1 ORDER BY p.ordinal
            """, [.int64(job.rawValue)])
        let requires = try rows.map { try $0.int16Array("requires").map(Int.init) }
        for (index, required) in requires.enumerated() {
            guard required.allSatisfy((0..<index).contains) else { throw FleetError("ledger.corrupt", "the stages of job \(job) are not in topological order") }
        }
        let ranks = ranks(of: requires)
        return PlannedGraph(stages: try zip(rows, zip(requires, ranks)).map { row, place in
            let reads = try row.textArray("reads").map { name in
                guard let field = SourceField(rawValue: name) else {
                    throw FleetError("plan.unknown_field", "job \(job) reads a source field '\(name)' that this program does not know: plan it with a newer one")
                }
                return field
            }
            return Stage(id: try row.int16("stage"),
                         recipe: Recipe(stage: try NameCache.stageName(try row.text("name")), version: try row.int("version"), settings: try row.text("settings")),
                         recipeID: try row.int32("recipe"), queue: try row.int32("queue"), requires: place.0, reads: reads, rank: place.1)
        })
    }

    /// The same, of a request that was not submitted: numbers that only a submitted one has are zero.
    init(_ graph: StageGraph) {
        let indices = Dictionary(uniqueKeysWithValues: graph.stages.enumerated().map { ($1.name, $0) })
        let requires = graph.stages.map { $0.requires.compactMap { indices[$0] }.sorted() }
        let ranks = Self.ranks(of: requires)
        stages = zip(graph.stages, zip(requires, ranks)).map { plan, place in
            Stage(id: 0, recipe: plan.recipe, recipeID: 0, queue: 0, requires: place.0, reads: plan.reads, rank: place.1)
        }
    }

    private init(stages: [Stage]) { self.stages = stages }
}
