import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import LocalServices
import PostgreSQL
import Testing

extension FleetFaults.OnServersThatSuffer {
    /// A database that stops, dies, refuses, or goes back in time.
    @Suite(.timeLimit(Chaos.timeLimit))
    struct DatabaseFaultTests {
        private static let clips = Chaos.size(250, whole: 5_000)

        /// Runs a job while `strike` is done to the database at several points of it.
        private func during(_ rounds: Int = Chaos.size(1, whole: 4), _ strike: @escaping @Sendable (FaultFleet) async throws -> Void) async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(20))])
                for round in 1...rounds {
                    try await eventually("a part is done") { try await fleet.done(job) > 4 * Self.clips * round / (rounds + 2) }
                    try await strike(fleet)
                    fleet.injected()
                }
                try await fleet.expectWhole(job, clips: Self.clips, within: .seconds(180))
            }
        }

        @Test func `a database that is restarted is waited for`() async throws {
            try await during { fleet in
                // Fast shutdown: every session is ended.
                try await fleet.servers.kill(.postgresql, SIGINT)
                try await fleet.servers.up()
            }
        }

        @Test func `a database that was killed comes back with all that was committed`() async throws {
            try await during { fleet in
                try await fleet.servers.kill(.postgresql)
                try await fleet.servers.up()
            }
        }

        @Test func `a database that only reads, as a standby does, is waited for`() async throws {
            try await during { fleet in
                try await fleet.servers.administer("ALTER DATABASE \(fleet.scope.database) SET default_transaction_read_only = on")
                try await fleet.servers.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(fleet.scope.database)'")
                try await fleet.heardAll("read-only transaction")
                try await fleet.servers.administer("ALTER DATABASE \(fleet.scope.database) RESET default_transaction_read_only")
                // As a failover ends the standby's sessions.
                try await fleet.servers.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(fleet.scope.database)'")
            }
        }

        @Test func `a database without a free connection is waited for`() async throws {
            try await during { fleet in
                try await fleet.servers.administer("ALTER DATABASE \(fleet.scope.database) CONNECTION LIMIT 0")
                try await fleet.servers.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(fleet.scope.database)'")
                try await fleet.heardAll("no connection left")
                try await fleet.servers.administer("ALTER DATABASE \(fleet.scope.database) CONNECTION LIMIT -1")
            }
        }

        @Test func `a claim whose answer was lost after its commit is no strike`() async throws {
            try await FaultFleet.with { fleet in
                // One more than quarantine a task, all of them of the same.
                let clips = 1
                let rounds = Chaos.size(1, whole: fleet.ledger.policy.strikesUntilQuarantine + 1)
                let worker = try fleet.startWorker()
                try await fleet.declareQueues()
                let job = try await fleet.submit(clips: clips)
                let claims = "FROM pg_stat_activity WHERE datname = '\(fleet.scope.database)' AND wait_event = 'SyncRep' AND query LIKE '%JOIN ready r ON%'"
                try await fleet.withPublisher { publisher in
                    for round in 1...rounds {
                        try await eventually("its root is ready") { try await fleet.ledger.counts().ready == 1 }
                        let failures = worker.log.split(separator: "worker.claim_failed").count
                        try await fleet.servers.holdCommits()
                        try await fleet.sendReady(publisher)
                        try await eventually("claim \(round) is committed") { try await fleet.pool.queryOne("SELECT count(*) \(claims)").int(0) > 0 }
                        try await fleet.servers.administer("SELECT pg_terminate_backend(pid) \(claims)")
                        fleet.injected()
                        try await eventually("the worker has heard") { worker.log.split(separator: "worker.claim_failed").count > failures }
                        try await fleet.servers.letCommitsGo()
                    }
                }
                try fleet.startCoordinator()
                try await eventually("job \(job) is finished") { try await fleet.isFinished(job) }
                #expect(try await fleet.pool.queryOne("SELECT count(*) FROM task WHERE strikes > 0").int(0) == 0)
                try await fleet.expectWhole(job, clips: clips)
            }
        }

        @Test func `a worker whose session ends while it registers tries again`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                try await fleet.pool.withTransaction { transaction in
                    try await transaction.execute("LOCK TABLE worker IN ACCESS EXCLUSIVE MODE")
                    let worker = try fleet.startWorker()
                    let sessions = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fault worker'"
                    try await eventually("it waits for the table") {
                        try await fleet.pool.queryOne("SELECT count(*) \(sessions) AND wait_event_type = 'Lock'").int(0) > 0
                    }
                    _ = try await fleet.pool.query("SELECT pg_terminate_backend(pid) \(sessions)")
                    fleet.injected()
                    try await eventually("it has heard") { worker.log.contains("worker.ledger_unreachable") }
                }
                let job = try await fleet.submit(clips: 20)
                try await fleet.expectWhole(job, clips: 20)
            }
        }

        @Test func `a writing transaction that idles holds nobody up`() async throws {
            try await FaultFleet.with { fleet in
                try fleet.startCoordinator()
                try fleet.startWorker()
                let held: Duration = Chaos.isWhole ? .seconds(60 * Chaos.minutes) : .seconds(2)
                let idler = try await fleet.servers.administrator(fleet.scope.database)
                try await idler.script("SET idle_in_transaction_session_timeout = 0")
                let end = ContinuousClock.now + held
                try await idler.transaction { transaction in
                    // It has a number, so that nothing newer is surely over as long as it lasts.
                    try await transaction.execute("CREATE TABLE idle (a int)")
                    fleet.injected()
                    var jobs = 0
                    repeat {
                        jobs += 1
                        let job = try await fleet.submit("job-\(jobs)", clips: Self.clips)
                        try await eventually("job \(jobs) is finished") { try await fleet.isFinished(job) }
                        try await fleet.expectEndings(job, "job-\(jobs)", clips: Self.clips)
                    } while ContinuousClock.now < end
                }
                await idler.close()
                let last = try await fleet.submit("last", clips: 20)
                try await fleet.expectWhole(last, "last", clips: 20)
            }
        }

        @Test func `a database restored from an older backup goes on from there`() async throws {
            try await FaultFleet.with { fleet in
                let dump = fleet.directory + "/backup"
                try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(20))])
                let worker = try fleet.startWorker("before")
                try await eventually("a third is done") { try await fleet.done(job) > 4 * Self.clips / 3 }
                try await Tool.run(["pg_dump", "-Fc", "-f", dump, fleet.endpoints.databaseURL])
                try await eventually("two thirds are done") { try await fleet.done(job) > 8 * Self.clips / 3 }
                // The broker keeps what it has, and the worker what it holds: messages and leases of a life that never was.
                worker.send(SIGSTOP)
                try await eventually("it sleeps") { worker.isStopped }
                try await fleet.servers.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(fleet.scope.database)'")
                try await fleet.servers.administer("DROP DATABASE \(fleet.scope.database) WITH (FORCE)")
                try await fleet.servers.administer("CREATE DATABASE \(fleet.scope.database) OWNER mvfleet")
                try await Tool.run(["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "-d", fleet.endpoints.databaseURL, dump])
                let ledger = Ledger(pool: ConnectionPool(try ConnectionConfiguration(fleet.endpoints.databaseURL)), logger: FaultFleet.quiet)
                _ = try await ledger.newEpoch()
                fleet.injected()
                worker.send(SIGCONT)
                try fleet.startWorker("after")
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }

        @Test(.enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
        func `what the runbook says brings a fleet back from its backup`() async throws {
            try await FaultFleet.with { fleet in
                let backup = fleet.directory + "/backup"
                let coordinator = try fleet.startCoordinator()
                let job = try await fleet.submit(clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(20))])
                let sleeper = try fleet.startWorker("sleeper"), worker = try fleet.startWorker("before")
                try await eventually("a third is done") { try await fleet.done(job) > 4 * Self.clips / 3 }
                try await fleet.mvfleet("backup", "--output", backup, "--with-blobs")
                try await eventually("two thirds are done") { try await fleet.done(job) > 8 * Self.clips / 3 }
                // Of those who use the ledger two end as they should, and one sleeps until it is given up.
                sleeper.send(SIGSTOP)
                try await eventually("it sleeps") { sleeper.isStopped }
                for process in [coordinator, worker] {
                    process.send(SIGTERM)
                    #expect(try await process.end(within: .seconds(30)) == .exited(0))
                }
                await #expect(throws: Tool.Failure.self, "the sleeper is still counted as alive") { try await fleet.mvfleet("restore", backup, "--replace") }
                try await eventually("the ledger is restored", within: .seconds(120)) {
                    do {
                        try await fleet.mvfleet("restore", backup, "--replace")
                        return true
                    } catch let failure as Tool.Failure where failure.output.contains("the fleet still uses") {
                        return false
                    }
                }
                fleet.injected()
                sleeper.send(SIGCONT)
                try fleet.startCoordinator("coordinator after")
                try fleet.startWorker("after")
                try await fleet.expectWhole(job, clips: Self.clips)
            }
        }
    }
}

extension FaultServers {
    /// From now on commits are written, and then wait for a standby that does not come.
    fileprivate func holdCommits() async throws {
        try await administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await administer("SELECT pg_reload_conf()")
        // The checkpointer says when it is so, and says it only to other backends: commits are tried until one waits.
        let probes = Task { while !Task.isCancelled { try? await administer("SELECT pg_logical_emit_message(true, 'probe', '')") } }
        defer { probes.cancel() }
        let observer = try await administrator()
        let waiting = "FROM pg_stat_activity WHERE application_name = 'fault administrator' AND wait_event = 'SyncRep'"
        try await eventually("commits wait") { try await observer.queryOne("SELECT count(*) \(waiting)").int(0) > 0 }
        probes.cancel()
        _ = try await observer.query("SELECT pg_terminate_backend(pid) \(waiting)")
        await observer.close()
        await probes.value
    }

    fileprivate func letCommitsGo() async throws {
        try await administer("ALTER SYSTEM RESET synchronous_standby_names")
        try await administer("SELECT pg_reload_conf()")
    }
}

extension FaultFleet {
    /// Every process has spoken of `words` since this was called.
    func heardAll(_ words: String) async throws {
        let before = running.map { ($0, $0.log.utf8.count) }
        try await eventually("all speak of '\(words)'") {
            before.allSatisfy { process, length in process.log.utf8.dropFirst(length).count > 0 && String(process.log.utf8.dropFirst(length))?.contains(words) == true }
        }
    }
}
