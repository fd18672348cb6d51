import FleetModel
import PostgreSQL

extension Ledger {
    /// What a job would run and reuse, stage by stage in topological order, without writing anything.
    public func estimate(_ request: JobRequest) async throws -> [StageEstimate] {
        guard let row = try await query("look for a collection", "SELECT id FROM collection WHERE name = $1", [.text(request.collection)]).first else {
            throw FleetError("job.unknown_collection", "there is no collection '\(request.collection)': run `mvfleet ingest` for it, or see the list of collections")
        }
        let collection = try row.int32(0)
        let graph = PlannedGraph(request.graph)
        var tally = EstimateTally(request.graph, inheritsDead: request.inheritsDead)
        var after = ""
        while true {
            let clips = try await sourceClips(collection, selection: request.keys, after: after, limit: policy.clipsPerPlanChunk)
            guard let last = clips.last else { return tally.estimates }
            let chunk = PlanChunk(clips, after: after, graph: graph)
            after = last.key
            let rows = try await query("look for results", """
                SELECT x.n, t.state FROM unnest($1::bytea[]) WITH ORDINALITY x(fp, n) CROSS JOIN LATERAL (SELECT t.state FROM task t WHERE t.fp = x.fp OFFSET 0) t
                """, [.byteaArray(chunk.needs.map(\.fingerprint))])
            var states: [Int: TaskState] = [:]
            for row in rows { states[try row.int(0) - 1] = TaskState(rawValue: try row.int16(1)) }
            tally.add(chunk, states)
        }
    }
}

/// Sums over chunks, each fingerprint once.
struct EstimateTally {
    private(set) var estimates: [StageEstimate]
    private let inheritsDead: Bool
    /// Fingerprints of earlier chunks; those of clips that share media come again.
    private var seen: Set<[UInt8]> = []

    init(_ graph: StageGraph, inheritsDead: Bool) {
        estimates = graph.stages.map { StageEstimate(stage: $0.name) }
        self.inheritsDead = inheritsDead
    }

    mutating func add(_ chunk: PlanChunk, _ states: [Int: TaskState]) {
        var filtered: Set<Int> = []
        for (index, need) in chunk.needs.enumerated() {
            let isFiltered = states[index] == .filtered || (states[index] == nil && need.upstreams.contains(where: filtered.contains))
            if isFiltered { filtered.insert(index) }
            // The first eight bytes of a digest tell a hundred million tasks apart well enough for an estimate.
            guard seen.insert(Array(need.fingerprint.prefix(8))).inserted else { continue }
            switch states[index] {
            case _ where isFiltered: estimates[need.stage].filtered += 1
            case .done: estimates[need.stage].reused += 1
            case .open: estimates[need.stage].inProgress += 1
            case .dead where inheritsDead: estimates[need.stage].dead += 1
            default: estimates[need.stage].toRun += 1
            }
        }
    }
}
