import FleetModel
import PostgreSQL

extension Ledger {
    /// Writes a job down. Planning it is a step of its own (`plan`), which any process may do.
    public func submit(_ request: JobRequest) async throws -> JobID {
        guard request.graph.stages.count > 0, request.graph.stages.count <= 1_000 else {
            throw FleetError("job.stages", "a job has 1 to 1000 stages, and '\(request.name)' has \(request.graph.stages.count)")
        }
        let graph = PlannedGraph(request.graph)
        return try await transaction("submit a job") { transaction in
            guard let collection = try await transaction.queryFirst("SELECT id FROM collection WHERE name = $1", [.text(request.collection)]) else {
                throw FleetError("job.unknown_collection", "there is no collection '\(request.collection)': run `mvfleet ingest` for it, or see the list of collections")
            }
            let job = try await transaction.queryOne("""
                INSERT INTO job (name, collection, lane, priority, inherits_dead, selection, options, total_clips)
                SELECT $1, $2, $3, $4, $5, s.keys, $7,
                       (SELECT count(*) FROM clip c WHERE c.collection = $2 AND NOT c.gone AND (s.keys IS NULL OR c.key = ANY (s.keys COLLATE "C")))
                FROM (SELECT CASE WHEN $6 THEN NULL ELSE $8::text[] END AS keys) s RETURNING id
                """, [
                    .text(request.name), .int32(try collection.int32(0)), .int16(request.lane.rawValue), .int32(Int32(clamping: request.priority)),
                    .bool(request.inheritsDead), .bool(request.keys == nil), .text(request.options), .textArray(request.keys ?? []),
                ]).int64(0)
            _ = try await transaction.query("SELECT ensure_job_partition($1)", [.int64(job)])
            for (ordinal, stage) in graph.stages.enumerated() {
                let ids = try await Self.recipe(stage.recipe, transaction)
                let queue = try await transaction.queryOne("INSERT INTO queue (stage, version, lane, job) VALUES ($1, $2, $3, $4) RETURNING id", [
                    .int16(ids.stage), .int32(Int32(clamping: stage.recipe.version)), .int16(request.lane.rawValue), .int64(job),
                ]).int32(0)
                try await transaction.execute("""
                    INSERT INTO job_recipe (job, ordinal, stage, recipe, queue, requires, reads) VALUES ($1, $2, $3, $4, $5, $6, $7)
                    """, [
                        .int64(job), .int16(Int16(clamping: ordinal)), .int16(ids.stage), .int32(ids.recipe), .int32(queue),
                        .int16Array(stage.requires.map { Int16(clamping: $0) }), .textArray(stage.reads.map(\.rawValue)),
                    ])
            }
            return JobID(rawValue: job)
        }
    }

    /// The ledger's numbers of a stage and of a recipe, written down where they are new.
    private static func recipe(_ recipe: Recipe, _ transaction: Transaction) async throws -> (stage: Int16, recipe: Int32) {
        let name: Parameter = .text(recipe.stage.rawValue)
        var stage = try await transaction.queryFirst("SELECT id FROM stage WHERE name = $1", [name])
        if stage == nil {
            try await transaction.execute("INSERT INTO stage (name) VALUES ($1) ON CONFLICT DO NOTHING", [name])
            stage = try await transaction.queryOne("SELECT id FROM stage WHERE name = $1", [name])
        }
        guard let stage = try stage?.int16(0) else { throw FleetError("ledger.corrupt", "stage '\(recipe.stage)' vanished") }
        let digest: Parameter = .bytea(recipe.digest.bytes)
        if let known = try await transaction.queryFirst("SELECT id FROM recipe WHERE digest = $1", [digest]) { return (stage, try known.int32(0)) }
        try await transaction.execute("INSERT INTO recipe (stage, version, settings, digest) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", [
            .int16(stage), .int32(Int32(clamping: recipe.version)), .text(recipe.settings), digest,
        ])
        return (stage, try await transaction.queryOne("SELECT id FROM recipe WHERE digest = $1", [digest]).int32(0))
    }
}
