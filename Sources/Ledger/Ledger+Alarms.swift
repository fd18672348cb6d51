import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// What will not mend itself, worst first. Cheap at any size unless `thorough`, which also looks at every waiting task.
    public func alarms(_ limits: AlarmLimits = AlarmLimits(), thorough: Bool = false) async throws -> [Alarm] {
        try await snapshot("look for alarms") { transaction in
            var alarms = try await Self.heldSnapshots(limits, transaction)
            alarms += try await Self.heldByPrepared(limits, transaction)
            if !alarms.contains(where: { $0.severity == .fault }) { alarms += try await Self.heldEvents(limits, transaction) }
            alarms += try await Self.heldBySlots(limits, transaction)
            alarms += try await Self.leaderAlarms(limits, transaction)
            alarms += try await Self.overdueLeases(limits, transaction)
            alarms += try await Self.unservedStages(limits, transaction)
            alarms += try await Self.stalledJobs(transaction)
            if thorough { alarms += try await Self.strandedTasks(transaction) }
            alarms += try await Self.blockedTasks(transaction)
            alarms += try await Self.mixedVersions(limits, transaction)
            return alarms.enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
        }
    }

    // MARK: the database held back

    /// Transactions open for long. One that writes, in any database of the instance, stops the event stream (hazard 11); one that reads in this database stops vacuum.
    private static func heldSnapshots(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        try await transaction.query("""
            SELECT a.pid, COALESCE(a.usename, '') AS usename, COALESCE(a.datname, '') AS datname, COALESCE(a.application_name, '') AS application, a.xact_start,
                   COALESCE(a.state, '') AS state, a.backend_xid IS NOT NULL AS writes, clock_timestamp() AS now
            FROM pg_stat_activity a
            WHERE a.pid <> pg_backend_pid() AND a.backend_type <> 'autovacuum worker'
              AND ((a.backend_xid IS NOT NULL AND a.xact_start < clock_timestamp() - $1)
                   OR (a.backend_xmin IS NOT NULL AND a.datname = current_database() AND a.xact_start < clock_timestamp() - $2))
            ORDER BY a.xact_start LIMIT 20
            """, [.interval(limits.openWrite), .interval(limits.openRead)]).map { row in
            let writes = try row.bool("writes"), pid = try row.int("pid"), now = try row.timestamp("now").date
            let who = "'\(try row.text("application"))' (pid \(pid), user \(try row.text("usename")), database \(try row.text("datname")))"
            let since = TimeText.instant(try row.timestamp("xact_start").date, now: now)
            let effect = writes ? "the event stream stands still and dead rows stay" : "dead rows stay, and hot tables grow slow"
            return Alarm(writes ? "transaction.open_write" : "transaction.open_read", writes ? .fault : .warning,
                         "a transaction of \(who) is open since \(since), \(try row.text("state")): \(effect)",
                         remedy: "end it where it runs, or in psql: SELECT pg_terminate_backend(\(pid))")
        }
    }

    private static func heldByPrepared(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        try await transaction.query("""
            SELECT gid, owner, database, prepared, clock_timestamp() AS now FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - $1 ORDER BY prepared LIMIT 20
            """, [.interval(limits.openWrite)]).map { row in
            let gid = try row.text("gid"), database = try row.text("database")
            let since = TimeText.instant(try row.timestamp("prepared").date, now: try row.timestamp("now").date)
            return Alarm("transaction.prepared", .fault,
                         "prepared transaction '\(gid)' (owner \(try row.text("owner")), database \(database)) waits since \(since): the event stream stands still and dead rows stay",
                         remedy: "in psql on database \(database): COMMIT PREPARED '\(gid)' or ROLLBACK PREPARED '\(gid)'")
        }
    }

    /// The server hides the times of other users' transactions from a role without pg_read_all_stats, but not that events wait for one of them.
    private static func heldEvents(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        guard let row = try await transaction.queryFirst("""
            WITH x AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin)
            SELECT clock_timestamp() AS now, h.since, (SELECT format('%L (pid %s, user %s, database %s)', a.application_name, a.pid, a.usename, a.datname)
                                                       FROM pg_stat_activity a WHERE a.backend_xid = x.xmin::xid LIMIT 1) AS who
            FROM x CROSS JOIN LATERAL (SELECT min(e.at) AS since FROM event e WHERE e.xid >= x.xmin) h WHERE h.since < clock_timestamp() - $1
            """, [.interval(limits.openWrite)]) else { return [] }
        let since = TimeText.instant(try row.timestamp("since").date, now: try row.timestamp("now").date)
        let who = try row.textIfPresent("who").map { " of \($0)" } ?? ""
        return [Alarm("events.held", .fault, "a transaction\(who) that is still open has held the event stream back since \(since), or longer",
                      remedy: "end it where it runs; with GRANT pg_read_all_stats for the ledger's role mvfleet can say since when it is open")]
    }

    private static func heldBySlots(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        try await transaction.query("""
            SELECT s.slot_name, s.slot_type, COALESCE(s.database, '') AS database, s.kept, s.age FROM (
                SELECT s.*, COALESCE(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, s.restart_lsn), 0)::bigint AS kept,
                       GREATEST(COALESCE(age(s.xmin), 0), COALESCE(age(s.catalog_xmin), 0)) AS age
                FROM pg_replication_slots s WHERE NOT s.active) s
            WHERE s.kept >= $1 OR s.age >= $2 ORDER BY s.slot_name LIMIT 20
            """, [.int(limits.slotBytes), .int(limits.slotAge)]).map { row in
            let name = try row.text("slot_name"), kept = try row.int("kept") >> 20, age = try row.int("age")
            let rows = age == 0 ? "" : " and rows of the last \(age) transactions"
            return Alarm("replication.slot", .warning,
                         "nobody reads the \(try row.text("slot_type")) replication slot '\(name)': it keeps \(kept) MiB of write-ahead log\(rows)",
                         remedy: "start its reader again, or where there is none any more: SELECT pg_drop_replication_slot('\(name)')")
        }
    }

    // MARK: nobody at work

    private static func leaderAlarms(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        let leader = try await leader(transaction)
        let row = try await transaction.queryOne("""
            SELECT clock_timestamp() AS now, (SELECT count(*) FROM job WHERE state IN (0, 1)) AS live,
                   (SELECT dispatched_at < clock_timestamp() - $1 FROM leader) AS stalled
            """, [.interval(limits.dispatchStall)])
        let live = try row.int("live"), now = try row.timestamp("now").date
        if live == 0 { return [] }
        guard leader.leads else {
            let since = leader.until.map { " since \(TimeText.instant($0, now: now)), when the lease of the last one ended" } ?? ""
            return [Alarm("coordinator.none", .fault, "no coordinator leads\(since): nothing is dispatched, swept or closed, and \(live) \(live == 1 ? "job waits" : "jobs wait")",
                          remedy: "start one: mvfleet coordinator; where one runs, its log says why it cannot lead")]
        }
        if let hindrance = leader.hindrance {
            return [Alarm("broker.blocked", .fault, "nothing can be dispatched: \(hindrance)", remedy: Leader.remedyOfHindrance)]
        }
        guard let identity = leader.identity, let at = leader.dispatchedAt, try row.boolIfPresent("stalled") ?? false else { return [] }
        return [Alarm("dispatch.stalled", .fault,
                      "the coordinator on \(identity.host.prefix { $0 != "/" }) (pid \(identity.pid), \(identity.version)) leads, but has dispatched nothing since \(TimeText.instant(at, now: now))",
                      remedy: "look for the broker's alarms (memory, disk) with mvfleet doctor and in the coordinator's log; restart it where neither says why")]
    }

    private static func overdueLeases(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        let row = try await transaction.queryOne("SELECT count(*) AS leases, min(until) AS oldest, clock_timestamp() AS now FROM running WHERE until > 'epoch' AND until < clock_timestamp() - $1",
                                                 [.interval(limits.leaseOverdue)])
        guard let oldest = try row.timestampIfPresent("oldest")?.date else { return [] }
        return [Alarm("lease.overdue", .fault, "\(try row.int("leases")) leases are past their end, the first since \(TimeText.instant(oldest, now: try row.timestamp("now").date)), and no sweeper took them back",
                      remedy: "start a coordinator, or look in its log for coordinator.sweep_failed")]
    }

    /// Stages of live jobs with work to come that no live worker serves in the job's version.
    private static func unservedStages(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        let needed = try await transaction.query("""
            SELECT s.name, r.version, array_agg(DISTINCT o.job ORDER BY o.job) AS jobs,
                   sum((SELECT count(*) FROM (SELECT FROM ready e WHERE e.q = o.queue LIMIT 100000) c))::bigint AS ready
            FROM job j JOIN job_recipe o ON o.job = j.id JOIN stage s ON s.id = o.stage JOIN recipe r ON r.id = o.recipe
            JOIN \(progressView) p ON p.job = j.id AND p.stage = o.stage AND p.total > p.reused + p.done + p.filtered + p.dead
            WHERE j.state IN (0, 1) GROUP BY s.name, r.version ORDER BY s.name COLLATE "C", r.version
            """)
        if needed.isEmpty { return [] }
        let workers = try await explainedWorkers(of: [], silence: limits.workerSilence, transaction)
        return try needed.compactMap { row in
            let stage = try NameCache.stageName(try row.text("name")), version = try row.int("version"), ready = try row.int("ready")
            let serving = StageWorkers.of(stage, version: version, workers)
            guard serving.serving == 0 else { return nil }
            let jobs = try row.int64Array("jobs")
            let others = Set(serving.otherVersions).sorted().map(String.init)
            let state = others.isEmpty ? "" : "; live workers serve version \(others.joined(separator: ", ")) of it"
            let idle = (serving.draining > 0 ? "; \(serving.draining) drain" : "") + (serving.deaf > 0 ? "; \(serving.deaf) alive without consuming" : "")
            return Alarm("stage.unserved", ready > 0 ? .fault : .warning,
                         "no live worker serves \(stage) version \(version), which \(jobs.count == 1 ? "job" : "jobs") \(jobs.prefix(5).map(String.init).joined(separator: ", "))"
                             + " \(jobs.count == 1 ? "needs" : "need"): \(ready) tasks are ready\(state)\(idle)",
                         remedy: others.isEmpty ? "start one: mvfleet worker \(stage)" : "start a worker of the program that has version \(version), or submit the job again with the version that is served")
        }
    }

    /// Which programs run side by side: normal for the time of a rolling upgrade.
    private static func mixedVersions(_ limits: AlarmLimits, _ transaction: Transaction) async throws -> [Alarm] {
        let rows = try await transaction.query("""
            SELECT version, count(*) FROM worker WHERE ended_at IS NULL AND seen_at > clock_timestamp() - $1 GROUP BY version ORDER BY version COLLATE "C"
            """, [.interval(limits.workerSilence)])
        guard rows.count > 1 else { return [] }
        let versions = try rows.map { row in
            let version = try row.text(0)
            return "\(try row.int(1)) × \(version.isEmpty ? "an older one that does not say" : version)"
        }
        return [Alarm("worker.versions", .warning, "live workers run different versions of the program: \(versions.joined(separator: ", "))",
                      remedy: "while an upgrade rolls this is right; after it, restart those that were left out (mvfleet status lists them)")]
    }
}
