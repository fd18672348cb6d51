import FleetModel
import PostgreSQL

extension Ledger {
    /// Writes one chunk of a plan. Runs again from its start when a rival planner made one of its tasks first.
    ///
    /// - Returns: nil where the job's cursor is no longer where the chunk begins, or the job was cancelled.
    static func write(_ chunk: PlanChunk, _ state: PlanState, _ graph: PlannedGraph, _ transaction: Transaction) async throws -> PlanReport? {
        try await lockStanding(.relyingOnIt, transaction)
        let row = try await transaction.queryOne("SELECT planned_to, planned_at IS NOT NULL OR state IN (3, 4) FROM job WHERE id = $1 FOR UPDATE",
                                                 [.int64(state.job.rawValue)])
        guard try row.text(0) == chunk.after, try !row.bool(1), let last = chunk.clips.last else { return nil }
        // COPY cannot pass over a task that a rival commits at this moment: it fails, and the second look finds the task.
        for attempt in 1... {
            do {
                let report = try await transaction.savepoint { savepoint in
                    var writer = try await PlanWriter(chunk, state, graph, savepoint)
                    return try await writer.write()
                }
                try await transaction.execute("UPDATE job SET planned_to = $2, planned_clips = planned_clips + $3 WHERE id = $1",
                                              [.int64(state.job.rawValue), .text(last.key), .int32(Int32(clamping: chunk.clips.count))])
                return report
            } catch let error as PostgreSQLError where error.sqlState == .uniqueViolation && attempt < 10 {
                continue
            }
        }
        return nil
    }
}

/// One chunk's rows in the making.
private struct PlanWriter {
    /// Where a task stands as the plan sees it.
    private enum Standing {
        /// Made by this chunk.
        case new
        case open
        case done
        case filtered
        case dead
    }

    private let chunk: PlanChunk
    private let state: Ledger.PlanState
    private let graph: PlannedGraph
    private let transaction: Transaction

    private var ids: [Int64]
    private var standings: [Standing]
    /// For a filtered need, the task whose verdict it follows.
    private var origins: [Int: Int64] = [:]

    /// Looks up which tasks exist and gives numbers to those that do not.
    init(_ chunk: PlanChunk, _ state: Ledger.PlanState, _ graph: PlannedGraph, _ transaction: Transaction) async throws {
        self.chunk = chunk
        self.state = state
        self.graph = graph
        self.transaction = transaction
        ids = Array(repeating: 0, count: chunk.needs.count)
        standings = Array(repeating: .new, count: chunk.needs.count)
        for row in try await transaction.query("""
            SELECT x.n, t.id, t.state FROM unnest($1::bytea[]) WITH ORDINALITY x(fp, n) CROSS JOIN LATERAL (SELECT t.id, t.state FROM task t WHERE t.fp = x.fp OFFSET 0) t
            """, [.byteaArray(chunk.needs.map(\.fingerprint))]) {
            let index = try row.int(0) - 1
            ids[index] = try row.int64(1)
            standings[index] = try Self.standing(try row.int16(2))
        }
        let new = standings.indices.filter { standings[$0] == .new }
        guard !new.isEmpty else { return }
        let blocks = try await transaction.query("SELECT nextval('task_block') FROM generate_series(1, $1)", [.int32(Int32(clamping: (new.count - 1) / Self.block + 1))])
            .map { try $0.int64(0) }
        for (position, index) in new.enumerated() {
            ids[index] = blocks[position / Self.block] * Int64(Self.block) + Int64(position % Self.block)
        }
    }

    /// Task numbers that one value of the sequence stands for.
    private static let block = 16_384

    private static func standing(_ state: Int16) throws -> Standing {
        switch TaskState(rawValue: state) {
        case .open: .open
        case .done: .done
        case .filtered: .filtered
        case .dead: .dead
        case nil: throw FleetError("ledger.corrupt", "a task has a state \(state) that this program does not know")
        }
    }

    mutating func write() async throws -> PlanReport {
        // Edges and subscriptions stand before the states of existing tasks are read under their locks. Whoever settles one of them afterwards sees them;
        // whoever settled before is seen here.
        try await copyEdges()
        try await copyClips()
        let subscribed = try await subscribe()
        let retried = try await lockExisting()
        try await readOrigins()
        let made = try await copyTasks()
        try await retry(retried, subscribed)
        let added = try await routeExisting()
        if made + added > 0 { try await Ledger.wakeUp(transaction) }
        return try await count(subscribed, retried: Set(retried))
    }

    // MARK: what no other transaction can see yet

    private func copyEdges() async throws {
        let (chunk, ids, standings) = (chunk, ids, standings)
        guard chunk.needs.indices.contains(where: { standings[$0] == .new && !chunk.needs[$0].upstreams.isEmpty }) else { return }
        try await transaction.copy(into: "edge", columns: ["up", "down"]) { writer in
            for (index, need) in chunk.needs.enumerated() where standings[index] == .new {
                for upstream in need.upstreams {
                    writer.int64(ids[upstream])
                    writer.int64(ids[index])
                    try await writer.endRow()
                }
            }
        }
    }

    private func copyClips() async throws {
        let (chunk, ids, job, stages) = (chunk, ids, state.job.rawValue, graph.stages.count)
        try await transaction.copy(into: "job_clip", columns: ["job", "key", "version", "tasks"]) { writer in
            for (position, clip) in chunk.clips.enumerated() {
                writer.int64(job)
                writer.text(clip.key)
                writer.int64(clip.version)
                writer.int64Array(chunk.needsOfClips[(position * stages)..<((position + 1) * stages)].map { ids[$0] })
                try await writer.endRow()
            }
        }
    }

    /// - Returns: indices of the needs that this job did not have before.
    private func subscribe() async throws -> [Int] {
        let (ids, standings, job) = (ids, standings, state.job.rawValue)
        let new = standings.indices.filter { standings[$0] == .new }
        if !new.isEmpty {
            try await transaction.copy(into: "job_task", columns: ["task", "job"]) { writer in
                for index in new {
                    writer.int64(ids[index])
                    writer.int64(job)
                    try await writer.endRow()
                }
            }
        }
        let existing = standings.indices.filter { standings[$0] != .new }
        if existing.isEmpty { return new }
        let rows = try await transaction.query("""
            INSERT INTO job_task (task, job) SELECT task, $1 FROM unnest($2::bigint[]) WITH ORDINALITY s(task, n) ORDER BY task ON CONFLICT DO NOTHING RETURNING task
            """, [.int64(job), .int64Array(existing.map { ids[$0] })])
        let inserted = try Set(rows.map { try $0.int64(0) })
        return new + existing.filter { inserted.contains(ids[$0]) }
    }

    /// Locks the existing tasks that are not at their end, and reads where they stand now.
    ///
    /// - Returns: indices of the dead ones that are to run again.
    private mutating func lockExisting() async throws -> [Int] {
        let unsettled = standings.indices.filter { standings[$0] == .open || standings[$0] == .dead }
        if unsettled.isEmpty { return [] }
        let indices = Dictionary(uniqueKeysWithValues: unsettled.map { (ids[$0], $0) })
        // A failure that may have passed is not inherited: what ran out of attempts, lost its workers, or found its file away or changed. What was put aside is, and what
        // no decoder survives.
        let rows = try await transaction.query("""
            SELECT t.id, t.state, EXISTS (SELECT FROM dead d WHERE d.task = t.id AND (
                d.discarded OR d.code IN ('child.died', 'child.time_limit')
                OR (NOT d.retriable AND d.code NOT IN ('task.quarantined', 'source.gone', 'source.changed')))) AS lasting
            FROM task t WHERE t.id = ANY ($1) ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t
            """, [.int64Array(unsettled.map { ids[$0] })])
        var retried: [Int] = []
        for row in rows {
            guard let index = indices[try row.int64(0)] else { continue }
            standings[index] = try Self.standing(try row.int16(1))
            if standings[index] == .dead, try !state.inheritsDead || !row.bool(2) {
                standings[index] = .open
                retried.append(index)
            }
        }
        return retried.sorted()
    }

    private mutating func readOrigins() async throws {
        let filtered = standings.indices.filter { standings[$0] == .filtered }
        if filtered.isEmpty { return }
        let indices = Dictionary(uniqueKeysWithValues: filtered.map { (ids[$0], $0) })
        for row in try await transaction.query("SELECT task, origin FROM filtered WHERE task = ANY ($1)", [.int64Array(filtered.map { ids[$0] })]) {
            if let index = indices[try row.int64(0)] { origins[index] = try row.int64(1) }
        }
    }

    // MARK: new tasks

    /// - Returns: how many tasks are ready at once.
    private mutating func copyTasks() async throws -> Int {
        let new = standings.indices.filter { standings[$0] == .new }
        if new.isEmpty { return 0 }
        var waiting: [Int: Int16] = [:]
        waiting.reserveCapacity(new.count)
        for index in new {
            let need = chunk.needs[index]
            if let followed = need.upstreams.first(where: { self.origins[$0] != nil }) { self.origins[index] = self.origins[followed] }
            waiting[index] = Int16(clamping: need.upstreams.count(where: { self.standings[$0] != .done }))
        }
        let (chunk, ids, origins, graph) = (chunk, ids, origins, graph)
        try await transaction.copy(into: "task", columns: ["id", "clip", "recipe", "queue", "stage", "rank", "state", "waiting", "fp", "upstreams"]) { [waiting] writer in
            for index in new {
                let need = chunk.needs[index]
                let stage = graph.stages[need.stage]
                writer.int64(ids[index])
                writer.int64(chunk.clips[need.clip].version)
                writer.int32(stage.recipeID)
                writer.int32(stage.queue)
                writer.int16(stage.id)
                writer.int16(stage.rank)
                writer.int16((origins[index] == nil ? TaskState.open : .filtered).rawValue)
                writer.int16(waiting[index] ?? 0)
                writer.bytea(need.fingerprint)
                if need.upstreams.isEmpty { writer.null() } else { writer.int64Array(need.upstreams.map { ids[$0] }) }
                try await writer.endRow()
            }
        }
        let following = new.filter { origins[$0] != nil }
        if !following.isEmpty {
            try await transaction.execute("""
                INSERT INTO filtered (task, origin, reason) SELECT s.task, p.origin, p.reason FROM unnest($1::bigint[], $2::bigint[]) s(task, origin)
                JOIN filtered p ON p.task = s.origin
                """, [.int64Array(following.map { ids[$0] }), .int64Array(following.map { origins[$0] ?? 0 })])
        }
        let ready = new.filter { origins[$0] == nil && waiting[$0] == 0 }
        if ready.isEmpty { return 0 }
        return try await transaction.copy(into: "ready", columns: ["q", "task"]) { writer in
            for index in ready {
                writer.int32(graph.stages[chunk.needs[index].stage].queue)
                writer.int64(ids[index])
                try await writer.endRow()
            }
        }
    }

    // MARK: existing tasks

    private func retry(_ retried: [Int], _ subscribed: [Int]) async throws {
        let tasks = retried.map { ids[$0] }
        let newHere = Set(subscribed)
        try await Ledger.reopen(tasks, uncounted: (state.job, retried.filter(newHere.contains).map { ids[$0] }), transaction)
    }

    /// Tasks that are still to run do so on this version of the clip (its file may have moved), in the best lane.
    ///
    /// - Returns: how many ready rows this made or moved.
    private func routeExisting() async throws -> Int {
        let open = standings.indices.filter { standings[$0] == .open }
        if open.isEmpty { return 0 }
        let tasks = open.map { ids[$0] }
        try await transaction.execute("""
            UPDATE task t SET clip = s.clip FROM unnest($1::bigint[], $2::bigint[]) s(task, clip) WHERE t.id = s.task AND t.clip <> s.clip
            """, [.int64Array(tasks), .int64Array(open.map { chunk.clips[chunk.needs[$0].clip].version })])
        let (moved, added) = try await Ledger.route(tasks, parking: true, transaction)
        return moved + added
    }

    // MARK: progress

    private func count(_ subscribed: [Int], retried: Set<Int>) async throws -> PlanReport {
        var report = PlanReport()
        report.clips = chunk.clips.count
        report.tasks = subscribed.count
        var sums: [Int16: [Ledger.ProgressKind: Int32]] = [:]
        for index in subscribed {
            let stage = graph.stages[chunk.needs[index].stage].id
            sums[stage, default: [:]][.total, default: 0] += 1
            switch standings[index] {
            case .done:
                report.reused += 1
                sums[stage, default: [:]][.reused, default: 0] += 1
            case _ where standings[index] == .filtered || origins[index] != nil:
                report.filtered += 1
                sums[stage, default: [:]][.filtered, default: 0] += 1
            case .dead:
                report.dead += 1
                sums[stage, default: [:]][.dead, default: 0] += 1
            case .new:
                report.created += 1
            default:
                report.shared += 1
            }
        }
        try await Ledger.addProgress(job: state.job, sums, transaction)
        return report
    }
}
