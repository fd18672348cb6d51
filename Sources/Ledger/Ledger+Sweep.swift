import FleetModel
import Logging
import PostgreSQL

extension Ledger {
    /// Brings back what was lost and closes what is over. About once a second; any number of processes may, since all of it passes over what others hold.
    ///
    /// - Parameter lastEnding: leases are ended until this time, and not past it: where the database was away meanwhile, workers had no chance to extend theirs.
    ///   Those of workers that are known to be dead end always.
    public func sweep(endingLeasesUntil lastEnding: ContinuousClock.Instant? = nil) async throws -> SweepReport {
        var report = SweepReport()
        try await endLeases(until: lastEnding, &report)
        try await wakeDelayed(&report)
        try await foldProgress()
        try await reroute(&report)
        try await audit(&report)
        try await reopenJobsWithWork()
        report.finished = try await closeFinishedJobs()
        if !report.finished.isEmpty || report.leasesEnded > 0 || report.repaired > 0 {
            logger.info("ledger.swept", metadata: [
                "leases_ended": "\(report.leasesEnded)", "quarantined": "\(report.quarantined)", "repaired": "\(report.repaired)",
                "jobs_finished": "\(report.finished)",
            ])
        }
        return report
    }

    /// Makes coming partitions of the history and drops old ones, with workers that ended before it and the trail of what people did. About once an hour.
    public func tendPartitions() async throws {
        _ = try await query("make partitions", "SELECT ensure_time_partitions(4)")
        _ = try await query("drop partitions", "SELECT drop_time_partitions(now() - $1)", [.interval(policy.historyKept)])
        _ = try await query("forget old workers", """
            DELETE FROM worker WHERE GREATEST(seen_at, ended_at) < now() - $1::interval AND id NOT IN (SELECT worker FROM running)
            """, [.interval(policy.historyKept)])
        _ = try await query("forget old actions", "DELETE FROM audit WHERE at < now() - $1::interval", [.interval(policy.auditKept)])
    }

    /// Leases whose worker went silent. A task that had been started takes a strike, its neighbours do not; with too many it is quarantined.
    private func endLeases(until lastEnding: ContinuousClock.Instant?, _ report: inout SweepReport) async throws {
        let limit = policy.strikesUntilQuarantine
        while true {
            let batch = policy.sweepBatch
            let ended = try await transaction("end leases") { transaction -> (leases: Int, dead: Int) in
                let isInTime = lastEnding.map { $0 > .now } ?? true
                let rows = try await transaction.query("""
                    WITH k AS (SELECT r.task, r.worker, r.started, t.queue, t.stage, LEAST(t.strikes + r.started::integer, 32767)::smallint AS strikes
                               FROM running r JOIN task t ON t.id = r.task WHERE r.until <= CASE WHEN $4 THEN clock_timestamp() ELSE 'epoch' END ORDER BY r.task LIMIT $1
                               FOR UPDATE OF r SKIP LOCKED FOR NO KEY UPDATE OF t SKIP LOCKED),
                         x AS (DELETE FROM running r USING k WHERE r.task = k.task),
                         u AS (UPDATE task t SET strikes = k.strikes, state = CASE WHEN k.strikes >= $2 THEN 5 ELSE t.state END
                               FROM k WHERE t.id = k.task AND k.started AND t.state = 0),
                         a AS (INSERT INTO attempt (task, attempt, worker, milliseconds, retriable, code, message)
                               SELECT task, strikes, worker, 0, true, 'worker.lost', 'the worker went silent with this task started' FROM k WHERE started),
                         z AS (INSERT INTO dead (task, stage, retriable, code, message)
                               SELECT task, stage, false, $3, strikes || ' workers went silent with this task started: look at what it reads, then retry it'
                               FROM k WHERE strikes >= $2 AND started),
                         r AS (INSERT INTO ready (q, task) SELECT queue, task FROM k WHERE NOT (started AND strikes >= $2) ORDER BY task)
                    SELECT task, stage, started AND strikes >= $2 AS dead FROM k
                    """, [.int(batch), .int32(Int32(clamping: limit)), .text(FleetError.Code.quarantined.rawValue), .bool(isInTime)])
                let dead = try rows.filter { try $0.bool(2) }.map { Settled(task: try $0.int64(0), stage: try $0.int16(1), state: .dead) }
                try await Self.countDown(dead, transaction)
                if rows.count > dead.count { try await Self.wakeUp(transaction) }
                return (leases: rows.count, dead: dead.count)
            }
            report.leasesEnded += ended.leases
            report.quarantined += ended.dead
            report.madeReady += ended.leases - ended.dead
            if ended.leases < batch { return }
        }
    }

    private func wakeDelayed(_ report: inout SweepReport) async throws {
        while true {
            let batch = policy.sweepBatch
            let due = try await transaction("make due tasks ready") { transaction in
                let due = try await transaction.execute("""
                    WITH k AS (SELECT y.task, t.queue, t.state FROM delayed y JOIN task t ON t.id = y.task WHERE y.run_at <= clock_timestamp()
                               ORDER BY y.run_at LIMIT $1 FOR UPDATE OF y SKIP LOCKED FOR NO KEY UPDATE OF t SKIP LOCKED),
                         x AS (DELETE FROM delayed y USING k WHERE y.task = k.task)
                    INSERT INTO ready (q, task) SELECT queue, task FROM k WHERE state = 0
                    """, [.int(batch)])
                if due > 0 { try await Self.wakeUp(transaction) }
                return due
            }
            report.due += due
            report.madeReady += due
            if due < batch { return }
        }
    }

    /// Ready rows that a race left in the queue of a job that is not live, while another subscriber is; and those that nobody wants.
    private func reroute(_ report: inout SweepReport) async throws {
        let stray = try await query("look for stray ready rows", """
            SELECT r.task FROM job j JOIN job_recipe a ON a.job = j.id CROSS JOIN LATERAL (
                SELECT r.task FROM ready r
                WHERE r.q = a.queue AND EXISTS (SELECT FROM job_task jt JOIN job o ON o.id = jt.job AND o.state IN (0, 1) WHERE jt.task = r.task OFFSET 0)
                LIMIT $1) r
            WHERE j.state IN (2, 3, 4)
              AND EXISTS (SELECT FROM job_recipe b JOIN job o ON o.id = b.job AND o.state IN (0, 1) WHERE b.recipe = a.recipe AND b.job <> a.job)
            LIMIT $1
            """, [.int(policy.sweepBatch)]).map { try $0.int64(0) }
        if !stray.isEmpty {
            let moved = try await transaction("route stray tasks") { transaction in
                let (moved, _) = try await Self.route(try await Self.lockOpen(stray, transaction), transaction)
                if moved > 0 { try await Self.wakeUp(transaction) }
                return moved
            }
            report.rerouted += moved
        }
        report.rerouted += try await clearCancelled(limit: policy.sweepBatch)
    }

    /// A retry that ran beside the closing of its job left ready rows in a job that is over: nobody would dispatch them.
    private func reopenJobsWithWork() async throws {
        _ = try await query("reopen jobs", """
            UPDATE job j SET state = 1, finished_at = NULL
            WHERE j.state = 4 AND j.finished_at > now() - interval '10 minutes'
              AND EXISTS (SELECT FROM queue q JOIN ready r ON r.q = q.id WHERE q.job = j.id OFFSET 0)
            """)
    }

    /// Jobs of which nothing can run: what is open in them waits behind a dead task. Counts only name the candidates; the tables decide. A paused job is over
    /// only when all of it has ended, as by the work of another job.
    private func closeFinishedJobs() async throws -> [JobID] {
        let candidates = try await query("look for finished jobs", """
            SELECT j.id FROM job j LEFT JOIN LATERAL (SELECT sum(total) AS total, sum(reused + done + filtered) AS ended, sum(dead) AS dead
                                                      FROM \(Self.progressView) v WHERE v.job = j.id) p ON true
            WHERE j.state IN (1, 2) AND j.planned_at IS NOT NULL
              AND (COALESCE(p.total, 0) <= COALESCE(p.ended + p.dead, 0)
                   OR (j.state = 1 AND p.dead > 0 AND NOT EXISTS (SELECT FROM queue q JOIN ready r ON r.q = q.id WHERE q.job = j.id)
                       AND NOT EXISTS (SELECT FROM running r JOIN job_task jt ON jt.task = r.task AND jt.job = j.id)
                       AND NOT EXISTS (SELECT FROM delayed y JOIN job_task jt ON jt.task = y.task AND jt.job = j.id)))
            """).map { JobID(rawValue: try $0.int64(0)) }
        var finished: [JobID] = []
        for job in candidates where try await close(job) { finished.append(job) }
        return finished
    }

    private func close(_ job: JobID) async throws -> Bool {
        try await transaction("finish a job") { transaction in
            // The lock first, the question in a statement of its own: whoever reopens the job holds the same lock.
            let locked = try await transaction.query("SELECT FROM job WHERE id = $1 AND state IN (1, 2) AND planned_at IS NOT NULL FOR UPDATE SKIP LOCKED",
                                                     [.int64(job.rawValue)])
            if locked.isEmpty { return false }
            return try await transaction.execute("""
                UPDATE job SET state = 4, finished_at = now() WHERE id = $1 AND NOT EXISTS (
                    SELECT FROM job_task jt JOIN task t ON t.id = jt.task AND t.state = 0 WHERE jt.job = $1
                      AND (t.upstreams IS NULL OR NOT EXISTS (SELECT FROM task u WHERE u.id = ANY (t.upstreams) AND u.state <> 3)))
                """, [.int64(job.rawValue)]) > 0
        }
    }
}
