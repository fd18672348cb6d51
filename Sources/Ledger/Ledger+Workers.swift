import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// Makes this process known. The same incarnation registered again is the same worker.
    public func register(_ worker: WorkerRegistration) async throws -> WorkerID {
        try await translated("register a worker") {
            let row = try await pool.queryOne("""
                INSERT INTO worker (incarnation, host, pid, stages, slots, version, stage_versions) VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (incarnation) DO UPDATE SET seen_at = now(), ended_at = NULL RETURNING id
                """, [.uuid(worker.incarnation.byteArray), .text(worker.host), .int32(worker.pid), .textArray(worker.stages.map(\.rawValue)),
                      .int32(Int32(clamping: worker.slots)), .text(worker.version),
                      // Zero for a stage whose version is not told.
                      .int32Array(worker.stages.map { Int32(clamping: worker.stageVersions[$0] ?? 0) })])
            return WorkerID(rawValue: try row.int32(0))
        }
    }

    /// Says that the worker lives, and extends the leases that it has at hand to `lease` from now: whole claimed batches, started or not. A lease that
    /// it does not name, such as one whose claim was never answered, runs out.
    public func heartbeat(_ worker: WorkerID, consuming: Bool, holding: some Collection<LeaseRef> & Sendable, lease: Duration) async throws -> WorkerDirective {
        // Rows that a settlement holds at this moment are passed over: it ends them.
        let rows = try await query("take a heartbeat", """
            WITH w AS (UPDATE worker SET seen_at = clock_timestamp(), consuming = $2 WHERE id = $1 AND ended_at IS NULL RETURNING draining),
                 k AS (SELECT r.task FROM running r JOIN unnest($4::bigint[], $5::bigint[]) h(task, seq) USING (task, seq) ORDER BY r.task
                       FOR UPDATE OF r SKIP LOCKED),
                 u AS (UPDATE running r SET until = clock_timestamp() + $3 FROM k WHERE r.task = k.task)
            SELECT draining, (SELECT minimum_client FROM ledger_state) > $6 AS outdated FROM w
            """, [.int32(worker.rawValue), .bool(consuming), .interval(lease), .int64Array(holding.map(\.task)), .int64Array(holding.map(\.seq)), .int(knownVersion)])
        guard let row = rows.first else { return .unknown }
        if try row.boolIfPresent("outdated") ?? false { return .outdated }
        return try row.bool(0) ? .drain : .carryOn
    }

    /// Says goodbye; the leases that are left are ready again.
    public func deregister(_ worker: WorkerID) async throws {
        try await transaction("deregister a worker") { transaction in
            try await transaction.execute("UPDATE worker SET ended_at = now(), consuming = false WHERE id = $1", [.int32(worker.rawValue)])
            let rows = try await transaction.query("SELECT task, seq FROM running WHERE worker = $1", [.int32(worker.rawValue)])
            let leases = try rows.map { LeaseRef(task: try $0.int64(0), seq: try $0.int64(1)) }
            try await Self.giveBack(leases, of: worker, transaction)
        }
    }

    /// Ends a worker that is known to have died: its leases have ended long ago, so that the next sweep treats them as any that ran out, whoever else is given time. Should it live after all,
    /// the fence refuses what it settles, and its next heartbeat makes it register again.
    public func presumeDead(_ worker: WorkerID) async throws {
        try await transaction("end a dead worker") { transaction in
            try await transaction.execute("UPDATE worker SET ended_at = now(), consuming = false WHERE id = $1 AND ended_at IS NULL", [.int32(worker.rawValue)])
            try await transaction.execute("""
                WITH k AS (SELECT task FROM running WHERE worker = $1 ORDER BY task FOR UPDATE SKIP LOCKED)
                UPDATE running r SET until = 'epoch' FROM k WHERE r.task = k.task
                """, [.int32(worker.rawValue)])
        }
    }

    /// Processes of workers on a host that have not said goodbye.
    public func openWorkers(on host: String) async throws -> [(id: WorkerID, pid: Int32)] {
        try await query("list its workers on a host", "SELECT id, pid FROM worker WHERE host = $1 AND ended_at IS NULL ORDER BY id", [.text(host)])
            .map { (WorkerID(rawValue: try $0.int32(0)), try $0.int32(1)) }
    }

    /// What the ledger would answer to a heartbeat now.
    public func directive(for worker: WorkerID) async throws -> WorkerDirective {
        let rows = try await query("read what a worker is to do", "SELECT draining FROM worker WHERE id = $1 AND ended_at IS NULL", [.int32(worker.rawValue)])
        guard let row = rows.first else { return .unknown }
        return try row.bool(0) ? .drain : .carryOn
    }

    /// Asks a worker to drain; it hears of it within a second.
    public func requestDrain(_ worker: WorkerID) async throws {
        _ = try await requestDrain(WorkerFilter(ids: [worker]))
    }

    /// Asks workers to drain: each ends what it runs, gives back what it has not begun, and stops.
    ///
    /// - Returns: those that were asked, also where they had been asked before. Workers that have ended are not among them.
    public func requestDrain(_ filter: WorkerFilter) async throws -> [WorkerID] {
        try await transaction("ask workers to drain") { transaction in
            let workers = try await transaction.query("""
                UPDATE worker SET draining = true
                WHERE ended_at IS NULL AND ($1 OR id = ANY ($2)) AND ($3::text IS NULL OR host = $3 OR split_part(host, '/', 1) = $3)
                  AND ($4::text IS NULL OR $4 = ANY (stages))
                RETURNING id
                """, [.bool(filter.ids == nil), .int32Array((filter.ids ?? []).map(\.rawValue)), .text(filter.host), .text(filter.stage?.rawValue)])
                .map { WorkerID(rawValue: try $0.int32(0)) }
            try await record(.workerDrain, filter, count: workers.count, transaction)
            return workers.sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// - Parameter seenWithin: leaves out those that have ended, and those not heard of for longer; nil lists all.
    public func workers(seenWithin: Duration? = nil) async throws -> [WorkerStatus] {
        let rows = try await query("list workers", """
            SELECT w.id, w.incarnation, w.host, w.pid, w.stages, w.slots, w.started_at, w.seen_at, w.ended_at IS NOT NULL AS ended, w.draining, w.consuming,
                   w.version, w.stage_versions, (SELECT count(*) FROM running r WHERE r.worker = w.id) AS leases
            FROM worker w WHERE $1::interval IS NULL OR (w.ended_at IS NULL AND w.seen_at > now() - $1) ORDER BY w.id
            """, [.interval(seenWithin)])
        return try rows.map { row in
            guard let incarnation = UUID(byteArray: try row.uuid("incarnation")) else {
                throw FleetError("ledger.corrupt", "a worker's incarnation is no UUID")
            }
            let stages = try row.textArray("stages").map(NameCache.stageName)
            let version = try row.text("version")
            return WorkerStatus(
                id: WorkerID(rawValue: try row.int32("id")), incarnation: incarnation, host: try row.text("host"), pid: try row.int32("pid"),
                stages: stages, slots: try row.int("slots"), startedAt: try row.timestamp("started_at").date,
                seenAt: try row.timestamp("seen_at").date, hasEnded: try row.bool("ended"), isDraining: try row.bool("draining"),
                isConsuming: try row.bool("consuming"), leases: try row.int("leases"), version: version.isEmpty ? nil : version,
                stageVersions: Dictionary(zip(stages, try row.int32Array("stage_versions").map(Int.init)).filter { $0.1 > 0 }, uniquingKeysWith: { $1 }))
        }
    }
}

extension Timestamp {
    var date: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }

    init(_ date: Date) { self.init(secondsSinceEpoch: date.timeIntervalSince1970) }
}
