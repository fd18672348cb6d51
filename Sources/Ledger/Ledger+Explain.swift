import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// Why each stage of this clip does or does not run in this job.
    ///
    /// - Throws: `job.unknown`; `clip.…` where the clip is not the job's, with what comes near.
    public func explain(clip key: String, in job: JobID, _ expectations: FleetExpectations = FleetExpectations()) async throws -> ClipExplanation {
        try await clipFacts(key, in: job, expectations).explanation(expectations)
    }

    /// All that one snapshot shows of the clip.
    public func clipFacts(_ key: String, in id: JobID, _ expectations: FleetExpectations = FleetExpectations()) async throws -> ClipFacts {
        try await snapshot("explain a clip") { transaction in
            guard let job = try await transaction.queryFirst(Self.explainedJob + " WHERE j.id = $1", [.int64(id.rawValue)]) else { throw Self.unknown(id) }
            let row = try await transaction.queryFirst("SELECT tasks FROM job_clip WHERE job = $1 AND key = $2", [.int64(id.rawValue), .text(key)])
            if row == nil { try await Self.requireToCome(key, of: job, transaction) }
            let tasks = try row?.int64Array(0) ?? []
            let workers = try await Self.explainedWorkers(of: tasks, silence: expectations.workerSilence, transaction)
            let plan = try await Self.explainedStages(id, workers, transaction)
            guard tasks.isEmpty || tasks.count == plan.count else {
                throw FleetError("ledger.corrupt", "clip '\(key)' has \(tasks.count) tasks in job \(id), which has \(plan.count) stages")
            }
            let facts = try await Self.explainedTasks(tasks, submittedAt: try job.timestamp("submitted_at").date, workers, expectations, transaction)
            var stages = plan
            for index in stages.indices where index < tasks.count { stages[index].task = facts[tasks[index]] }
            return ClipFacts(now: try job.timestamp("now").date, clip: key, job: try Self.explained(job), isPlanned: row != nil,
                             leader: try await Self.leader(transaction), stages: stages)
        }
    }

    // MARK: job and stages

    private static let explainedJob = """
        SELECT j.id, j.name, c.name AS collection, j.collection AS collection_id, j.lane, j.priority, j.state, j.submitted_at, j.planned_at IS NOT NULL AS planned,
               j.planned_to, j.planned_clips, j.total_clips, j.task_limit, clock_timestamp() AS now
        FROM job j JOIN collection c ON c.id = j.collection
        """

    private static func explained(_ row: Row) throws -> ClipFacts.Job {
        guard let lane = Lane(rawValue: try row.int16("lane")), let state = JobState(rawValue: try row.int16("state")) else {
            throw FleetError("ledger.corrupt", "job \(try row.int64("id")) has a lane or a state that this program does not know")
        }
        return ClipFacts.Job(
            id: JobID(rawValue: try row.int64("id")), name: try row.text("name"), collection: try row.text("collection"), lane: lane,
            priority: try row.int("priority"), state: state, submittedAt: try row.timestamp("submitted_at").date, plannedTo: try row.text("planned_to"),
            clipsPlanned: try row.int("planned_clips"), clipsTotal: try row.int("total_clips"))
    }

    private static func explainedStages(_ job: JobID, _ workers: [ExplainedWorker], _ transaction: Transaction) async throws -> [ClipFacts.Stage] {
        try await transaction.query("""
            SELECT s.name, r.version, o.requires, COALESCE(k.paused, false) AS paused, k.rate, k.changed_at, k.changed_by
            FROM job_recipe o JOIN stage s ON s.id = o.stage JOIN recipe r ON r.id = o.recipe LEFT JOIN stage_control k ON k.stage = o.stage
            WHERE o.job = $1 ORDER BY o.ordinal
            """, [.int64(job.rawValue)]).map { row in
            let stage = try NameCache.stageName(try row.text("name"))
            let version = try row.int("version")
            return ClipFacts.Stage(
                stage: stage, version: version, requires: try row.int16Array("requires").map(Int.init), workers: .of(stage, version: version, workers),
                control: StageControl(stage: stage, isPaused: try row.bool("paused"), rate: try row.doubleIfPresent("rate"),
                                      changedAt: try row.timestampIfPresent("changed_at")?.date, changedBy: try row.textIfPresent("changed_by")))
        }
    }

    // MARK: tasks

    private static func explainedTasks(_ ids: [Int64], submittedAt: Date, _ workers: [ExplainedWorker], _ expectations: FleetExpectations,
                                       _ transaction: Transaction) async throws -> [Int64: ClipFacts.Task] {
        var tasks: [Int64: ClipFacts.Task] = [:]
        if ids.isEmpty { return tasks }
        let parameters: [Parameter] = [.int64Array(Set(ids).sorted())]
        for row in try await transaction.query(taskFacts, parameters) {
            tasks[try row.int64("id")] = try task(row, submittedAt: submittedAt, workers)
        }
        for row in try await transaction.query("""
            SELECT DISTINCT ON (task) task, at, code, message FROM attempt WHERE task = ANY ($1) ORDER BY task, at DESC, attempt DESC
            """, parameters) {
            tasks[try row.int64(0)]?.lastAttempt = ClipFacts.Attempt(at: try row.timestamp(1).date, code: FleetError.Code(rawValue: try row.text(2)),
                                                                     message: try row.text(3))
        }
        for row in try await transaction.query("SELECT task, q, seq FROM ready WHERE task = ANY ($1)", parameters) {
            tasks[try row.int64(0)]?.place = try await place(queue: try row.int32(1), seq: try row.int64(2), expectations, transaction)
        }
        return tasks
    }

    private static let taskFacts = """
        SELECT t.id, t.state, t.waiting, t.attempt, t.strikes, r.at AS done_at, r.worker AS done_by, r.milliseconds, r.degraded, p.job AS made_for,
               f.at AS filtered_at, f.reason AS filtered_for, s.name AS origin, d.at AS dead_at, d.code, d.message, d.cause, d.retriable, d.discarded,
               u.worker AS leased_by, u.since, u.until, u.started, y.run_at, y.reason AS delayed_for
        FROM task t LEFT JOIN result r ON r.task = t.id AND t.state = 3 LEFT JOIN queue p ON p.id = r.queue
        LEFT JOIN filtered f ON f.task = t.id AND t.state = 4 LEFT JOIN task o ON o.id = f.origin LEFT JOIN stage s ON s.id = o.stage
        LEFT JOIN dead d ON d.task = t.id AND t.state = 5
        LEFT JOIN LATERAL (SELECT u.* FROM running u WHERE u.task = t.id OFFSET 0) u ON true
        LEFT JOIN LATERAL (SELECT y.* FROM delayed y WHERE y.task = t.id OFFSET 0) y ON true
        WHERE t.id = ANY ($1)
        """

    private static func task(_ row: Row, submittedAt: Date, _ workers: [ExplainedWorker]) throws -> ClipFacts.Task {
        guard let state = TaskState(rawValue: try row.int16("state")) else { throw FleetError("ledger.corrupt", "a task has a state that this program does not know") }
        var task = ClipFacts.Task(id: try row.int64("id"), state: state, waiting: try row.int("waiting"), attempts: try row.int("attempt"),
                                  strikes: try row.int("strikes"))
        if let at = try row.timestampIfPresent("done_at")?.date {
            task.completion = StageCompletion(
                at: at, worker: workers.reference(try row.int32("done_by")), duration: .milliseconds(try row.int("milliseconds")),
                isDegraded: try row.bool("degraded"), job: try row.int64IfPresent("made_for").map { JobID(rawValue: $0) }, isReused: at < submittedAt)
        }
        if let at = try row.timestampIfPresent("filtered_at")?.date {
            task.filtering = StageFiltering(at: at, reason: try row.text("filtered_for"), origin: try NameCache.stageName(try row.text("origin")))
        }
        if let at = try row.timestampIfPresent("dead_at")?.date {
            var error = FleetError(FleetError.Code(rawValue: try row.text("code")), try row.text("message"), isRetriable: try row.bool("retriable"))
            error.cause = try row.textIfPresent("cause")
            task.failure = StageFailure(at: at, error: error, attempts: task.attempts, strikes: task.strikes, isDiscarded: try row.bool("discarded"))
        }
        if let until = try row.timestampIfPresent("until")?.date {
            let holder = try row.int32("leased_by")
            task.lease = StageLease(worker: workers.reference(holder), since: try row.timestamp("since").date, until: until, isStarted: try row.bool("started"),
                                    workerSeenAt: workers.first { $0.id == holder && !$0.hasEnded }?.seenAt)
        }
        if let runAt = try row.timestampIfPresent("run_at")?.date { task.delay = ClipFacts.Delay(runAt: runAt, reason: try row.text("delayed_for")) }
        return task
    }

    /// Counts stop where more would say no more.
    private static func place(queue: Int32, seq: Int64, _ expectations: FleetExpectations, _ transaction: Transaction) async throws -> ClipFacts.QueuePlace {
        let ahead = try await transaction.queryOne("SELECT count(*) FROM (SELECT FROM ready WHERE q = $1 AND seq < $2 LIMIT 1000000) a", [.int32(queue), .int64(seq)]).int(0)
        let job = try await transaction.queryOne(explainedJob + " WHERE j.id = (SELECT job FROM queue WHERE id = $1)", [.int32(queue)])
        let rivals = try await transaction.query("""
            SELECT q.job, j.priority, (SELECT count(*) FROM (SELECT FROM ready r WHERE r.q = q.id LIMIT $2) c) AS ready
            FROM queue m JOIN queue q ON q.stage = m.stage AND q.version = m.version AND q.lane = m.lane
            JOIN job j ON j.id = q.job AND j.lane = q.lane AND j.state IN (0, 1) WHERE m.id = $1 ORDER BY j.priority DESC, q.job
            """, [.int32(queue), .int(2 * expectations.window)])
        let leased = try await transaction.queryOne("SELECT count(*) FROM running r JOIN queue q ON q.id = r.q AND q.job = $1", [.int64(try job.int64("id"))]).int(0)
        return ClipFacts.QueuePlace(
            job: try explained(job), ahead: ahead,
            queues: try rivals.map { ClipFacts.Rival(job: JobID(rawValue: try $0.int64(0)), priority: try $0.int(1), ready: try $0.int(2)) },
            taskLimit: try job.intIfPresent("task_limit"), leased: leased)
    }
}
