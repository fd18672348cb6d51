import FleetModel
import PostgreSQL

extension Ledger {
    /// Lets nothing of the stage begin, from the next claim on; what runs goes on.
    public func pause(stage: StageName) async throws {
        try await change(stage, .stagePause, "paused = true", [])
    }

    public func resume(stage: StageName) async throws {
        try await change(stage, .stageResume, "paused = false", [])
    }

    /// Limits how many tasks of the stage the whole fleet may begin in a second; nil takes the limit away.
    public func setRate(_ perSecond: Double?, of stage: StageName) async throws {
        if let perSecond, !(perSecond > 0 && perSecond.isFinite) {
            throw FleetError("control.rate", "\(perSecond) tasks a second is no rate: give one above 0, pause the stage, or take its limit away")
        }
        try await change(stage, .stageRate, "rate = $3::double precision", [.double(perSecond)])
    }

    /// What is set, by stage; a stage that is not in the answer is free.
    public func stageControls() async throws -> [StageName: StageControl] {
        let rows = try await query("read what is set for its stages", """
            SELECT s.name, c.paused, c.rate, c.changed_at, c.changed_by FROM stage_control c JOIN stage s ON s.id = c.stage
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { row in
            let stage = try NameCache.stageName(try row.text("name"))
            return (stage, StageControl(stage: stage, isPaused: try row.bool("paused"), rate: try row.doubleIfPresent("rate"),
                                        changedAt: try row.timestamp("changed_at").date, changedBy: try row.text("changed_by")))
        })
    }

    /// What is set for these stages, and what stands in their queues.
    public func overview(of stages: [StageName]) async throws -> [StageOverview] {
        let controls = try await stageControls()
        let rows = try await query("look at its stages", """
            SELECT n.name,
                   (SELECT count(*) FROM queue q JOIN job j ON j.id = q.job AND j.state <> 3 JOIN ready r ON r.q = q.id WHERE q.stage = s.id) AS ready,
                   (SELECT count(*) FROM running r JOIN queue q ON q.id = r.q WHERE q.stage = s.id) AS running,
                   (SELECT count(*) FROM delayed y JOIN task t ON t.id = y.task WHERE t.stage = s.id) AS delayed,
                   (SELECT count(*) FROM dead d WHERE d.stage = s.id AND NOT d.discarded) AS dead,
                   (SELECT count(*) FROM worker w WHERE n.name = ANY (w.stages) AND w.ended_at IS NULL AND NOT w.draining
                                                    AND w.seen_at > now() - interval '1 minute') AS workers
            FROM unnest($1::text[]) WITH ORDINALITY n(name, ordinal) LEFT JOIN stage s ON s.name = n.name ORDER BY n.ordinal
            """, [.textArray(stages.map(\.rawValue))])
        return try zip(stages, rows).map { stage, row in
            StageOverview(control: controls[stage] ?? StageControl(stage: stage), ready: try row.int("ready"), running: try row.int("running"),
                          delayed: try row.int("delayed"), dead: try row.int("dead"), workers: try row.int("workers"))
        }
    }

    private struct StageChange: Encodable {
        var stage: String
        var rate: Double?
    }

    /// - Parameter assignment: may refer to `$3`.
    private func change(_ stage: StageName, _ action: AuditRecord.Action, _ assignment: String, _ values: [Parameter]) async throws {
        try await transaction("change a stage") { transaction in
            // A stage may be paused before any job has named it.
            try await transaction.execute("INSERT INTO stage (name) VALUES ($1) ON CONFLICT DO NOTHING", [.text(stage.rawValue)])
            let id = try await transaction.queryOne("SELECT id FROM stage WHERE name = $1", [.text(stage.rawValue)]).int16(0)
            try await transaction.execute("INSERT INTO stage_control (stage, changed_by) VALUES ($1, $2) ON CONFLICT DO NOTHING", [.int16(id), .text(principal.storable)])
            try await transaction.execute("UPDATE stage_control SET changed_at = now(), changed_by = $2, \(assignment) WHERE stage = $1",
                                          [.int16(id), .text(principal.storable)] + values)
            if action == .stageRate, let rate = try await transaction.queryOne("SELECT rate FROM stage_control WHERE stage = $1", [.int16(id)]).doubleIfPresent(0) {
                try await Self.withdraw(stage: id, transaction)
                try await record(action, StageChange(stage: stage.rawValue, rate: rate), count: 1, transaction)
            } else {
                // Claims have dropped messages meanwhile, and a dispatcher that looked away has not seen the pause.
                if action == .stageResume { try await Self.withdraw(stage: id, transaction) }
                try await record(action, StageChange(stage: stage.rawValue), count: 1, transaction)
            }
            try await Self.wakeUp(transaction)
        }
    }
}
