import FleetModel
import Logging
import PostgreSQL

extension Ledger {
    /// Jobs whose clips are not all planned, oldest first: `plan` goes on where the last planner stopped.
    public func unplannedJobs() async throws -> [JobID] {
        try await query("list jobs to plan", "SELECT id FROM job WHERE planned_at IS NULL AND state IN (0, 1, 2) ORDER BY lane, id").map { JobID(rawValue: try $0.int64(0)) }
    }

    /// Turns a job's clips × stages into tasks: what has a result is reused, what another job needs too is shared, the rest is made. In chunks, each one
    /// transaction that also moves the job's cursor, so that a kill at any moment costs one chunk at most; two planners of one job take turns.
    ///
    /// Memory is bounded by two chunks. Returns at once where the job is planned or cancelled.
    public func plan(_ job: JobID, progress: (@Sendable (PlanProgress) -> Void)? = nil) async throws -> PlanReport {
        guard var state = try await planState(job) else { throw Self.unknown(job) }
        var report = PlanReport()
        if state.isOver { return report }
        let graph = try await translated("read a job's stages") { try await pool.withConnection { try await PlannedGraph.read(job: job, $0) } }
        var chunk = try await planChunk(state, after: state.plannedTo, graph)
        while true {
            guard let current = chunk else {
                if try await finishPlanning(job, plannedTo: state.plannedTo) { break }
                state = try await planState(job) ?? state
                if state.isOver { break }
                chunk = try await planChunk(state, after: state.plannedTo, graph)
                continue
            }
            // The next chunk is read and hashed while the server works on this one.
            let snapshot = state
            async let next = planChunk(snapshot, after: current.clips.last?.key ?? current.after, graph)
            let written: PlanReport?
            do {
                written = try await transaction("plan a job") { try await Self.write(current, snapshot, graph, $0) }
            } catch {
                _ = try? await next
                throw error
            }
            if let written {
                report.add(written)
                state.plannedTo = current.clips.last?.key ?? current.after
                state.clipsPlanned += current.clips.count
                progress?(PlanProgress(clipsPlanned: state.clipsPlanned, clipsTotal: state.clipsTotal, tasks: report.tasks))
                chunk = try await next
            } else {
                // Another planner was here, or the job was cancelled.
                _ = try await next
                guard let moved = try await planState(job), !moved.isOver else { break }
                state = moved
                chunk = try await planChunk(state, after: state.plannedTo, graph)
            }
        }
        if report.created >= 10_000 { _ = try await query("analyse what was planned", "ANALYZE task, edge, ready, job_task") }
        logger.info("ledger.planned", metadata: [
            "job": "\(job)", "clips": "\(report.clips)", "tasks": "\(report.tasks)", "reused": "\(report.reused)", "created": "\(report.created)",
        ])
        return report
    }

    /// What planning needs to know of a job.
    struct PlanState: Sendable {
        var job: JobID
        var collection: Int32
        var selection: [String]?
        var inheritsDead: Bool
        var plannedTo: String
        var clipsPlanned: Int
        var clipsTotal: Int
        /// Planned, cancelled or finished.
        var isOver: Bool
    }

    private func planState(_ job: JobID) async throws -> PlanState? {
        guard let row = try await query("read a job", """
            SELECT collection, selection IS NOT NULL AS selects, COALESCE(selection, '{}')::text[] AS selection, inherits_dead, planned_to, planned_clips, total_clips,
                   planned_at IS NOT NULL OR state IN (3, 4) AS over
            FROM job WHERE id = $1
            """, [.int64(job.rawValue)]).first else { return nil }
        return PlanState(job: job, collection: try row.int32("collection"), selection: try row.bool("selects") ? try row.textArray("selection") : nil,
                         inheritsDead: try row.bool("inherits_dead"), plannedTo: try row.text("planned_to"), clipsPlanned: try row.int("planned_clips"),
                         clipsTotal: try row.int("total_clips"), isOver: try row.bool("over"))
    }

    /// - Returns: nil where no clip is left.
    private func planChunk(_ state: PlanState, after key: String, _ graph: PlannedGraph) async throws -> PlanChunk? {
        let clips = try await sourceClips(state.collection, selection: state.selection, after: key, limit: clipsPerChunk(graph))
        return clips.isEmpty ? nil : PlanChunk(clips, after: key, graph: graph)
    }

    private func clipsPerChunk(_ graph: PlannedGraph) -> Int {
        max(1, min(policy.clipsPerPlanChunk, 64_000 / max(1, graph.stages.count)))
    }

    /// Clips of a collection above `key`, in byte order of their keys.
    func sourceClips(_ collection: Int32, selection: [String]?, after key: String, limit: Int) async throws -> [PlanChunk.SourceClip] {
        let filter = selection == nil ? "" : "AND c.key = ANY ($4::text[] COLLATE \"C\")"
        let rows = try await query("read clips", """
            SELECT c.key, v.id, v.sources FROM clip c JOIN clip_version v ON v.id = c.version
            WHERE c.collection = $1 AND c.key > $2 AND NOT c.gone \(filter) ORDER BY c.key LIMIT $3
            """, [.int32(collection), .text(key), .int(limit)] + (selection.map { [.textArray($0)] } ?? []))
        var clips: [PlanChunk.SourceClip] = []
        clips.reserveCapacity(rows.count)
        for row in rows {
            let version = try row.int64(1)
            let sources: [SourceField: Digest]
            if let digests = SourceDigests.decode(try row.bytea(2)) {
                sources = digests
            } else {
                sources = try await sourcesFromDocument(version)
            }
            clips.append(PlanChunk.SourceClip(key: try row.text(0), version: version, sources: sources))
        }
        return clips
    }

    /// For a clip ingested by a program that knew other source fields.
    private func sourcesFromDocument(_ version: Int64) async throws -> [SourceField: Digest] {
        guard let row = try await query("read a clip", "SELECT document FROM clip_version WHERE id = $1", [.int64(version)]).first else {
            throw FleetError("ledger.corrupt", "clip version \(version) vanished")
        }
        let clip = try Clip(document: try row.text(0))
        return Dictionary(uniqueKeysWithValues: SourceField.allCases.map { ($0, $0.digest(of: clip)) })
    }

    /// - Returns: false where another planner has moved on.
    private func finishPlanning(_ job: JobID, plannedTo: String) async throws -> Bool {
        try await transaction("finish planning") { transaction in
            try await transaction.execute("""
                UPDATE job SET planned_at = now(), total_clips = planned_clips, state = CASE WHEN state = 0 THEN 1 ELSE state END
                WHERE id = $1 AND planned_to = $2 AND planned_at IS NULL
                """, [.int64(job.rawValue), .text(plannedTo)]) > 0
        }
    }

    static func unknown(_ job: JobID) -> FleetError {
        FleetError("job.unknown", "there is no job \(job): see `mvfleet jobs`")
    }
}

extension PlanReport {
    fileprivate mutating func add(_ other: PlanReport) {
        clips += other.clips
        tasks += other.tasks
        created += other.created
        reused += other.reused
        shared += other.shared
        filtered += other.filtered
        dead += other.dead
    }
}
