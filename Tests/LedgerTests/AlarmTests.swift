import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// Each alarm, provoked for real.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct AlarmTests {
    /// At once, and of nothing but what the test provokes.
    private static var impatient: AlarmLimits {
        var limits = AlarmLimits()
        limits.openWrite = .zero
        limits.openRead = .zero
        limits.slotBytes = 0
        limits.slotAge = 1
        limits.leaseOverdue = .zero
        limits.dispatchStall = .zero
        return limits
    }

    private func alarms(_ fixture: LedgerFixture, _ code: FleetError.Code, _ limits: AlarmLimits = impatient, thorough: Bool = false) async throws -> [Alarm] {
        try await fixture.ledger.alarms(limits, thorough: thorough).filter { $0.code == code }
    }

    @Test func `a quiet fleet raises no alarm`() async throws {
        try await LedgerFixture.with { fixture in
            #expect(try await fixture.ledger.alarms(thorough: true) == [])
            _ = try await fixture.job(clips: 2)
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.alarms(thorough: true) == [])
        }
    }

    @Test func `an open writing transaction is named with its application and how to end it`() async throws {
        try await LedgerFixture.with { fixture in
            var configuration = try ConnectionConfiguration(fixture.url, applicationName: "forgotten script")
            configuration.settings["idle_in_transaction_session_timeout"] = "0"
            let blocker = try await Connection.open(configuration)
            try await blocker.transaction { transaction in
                try await transaction.execute("INSERT INTO progress_delta VALUES (1, 1, 1, 1)")
                let alarm = try #require(try await alarms(fixture, "transaction.open_write").first { $0.message.contains("forgotten script") })
                #expect(alarm.severity == .fault && alarm.message.contains("the event stream stands still") && alarm.remedy.contains("pg_terminate_backend("))
                #expect(try await alarms(fixture, "transaction.open_write", AlarmLimits()).allSatisfy { !$0.message.contains("forgotten script") })
                try await transaction.execute("TRUNCATE progress_delta")
            }
            try await blocker.transaction(TransactionOptions(isolation: .repeatableRead)) { transaction in
                _ = try await transaction.query("SELECT FROM job")
                let alarm = try #require(try await alarms(fixture, "transaction.open_read").first { $0.message.contains("forgotten script") })
                #expect(alarm.severity == .warning)
            }
            await blocker.close()
            #expect(try await fixture.ledger.alarms(Self.impatient).allSatisfy { !$0.message.contains("forgotten script") })
        }
    }

    /// Hazard 11: the setting of every process of the fleet.
    @Test func `a transaction that the fleet forgets is ended by the server, and the event stream goes on`() async throws {
        try await LedgerFixture.with { fixture in
            let usual = try await Connection.open(try .ledger(fixture.url, applicationName: "usual"))
            #expect(try await usual.queryOne("SHOW idle_in_transaction_session_timeout").text(0) == "20s")
            await usual.close()
            let job = try await fixture.job(clips: 1)
            let forgetful = try await Connection.open(try .ledger(fixture.url, applicationName: "forgetful", idleLimit: .milliseconds(200)))
            await #expect(throws: (any Error).self) {
                try await forgetful.transaction { transaction in
                    try await transaction.execute("INSERT INTO event (job, stage, state, tasks) SELECT $1, min(id), 3, '{}' FROM stage", [.int64(job.rawValue)])
                    // Idle until the server has had enough of it.
                    try await fixture.waitUntil("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forgetful'", is: 0)
                    try await transaction.execute("SELECT 1")
                }
            }
            await forgetful.close()
            #expect(try await fixture.number("SELECT count(*) FROM event") == 0)
            try await fixture.settle(try await fixture.claim("audio"))
            try await fixture.waitUntil("SELECT count(*) FROM event WHERE xid < pg_snapshot_xmin(pg_current_snapshot())", is: 1)
        }
    }

    /// With `max_prepared_transactions` at its default there are none, and slots are for administrators: so on a server of its own.
    @Test(.enabled(if: ThrowawayPostgreSQL.programs != nil, "needs PostgreSQL's programs"))
    func `prepared transactions, slots that nobody reads, and what hides from the ledger's role are named`() async throws {
        try await ThrowawayPostgreSQL.with(["max_prepared_transactions=4"]) { server in
            try await LedgerFixture.with(server: server.url(user: "plain")) { fixture in
                var components = try #require(URLComponents(string: fixture.url))
                components.user = "admin"
                let admin = try await Connection.open(try ConnectionConfiguration(try #require(components.string), applicationName: "admin tool"))
                _ = try await admin.query("SELECT pg_create_physical_replication_slot('unread', true)")
                let unread = try #require(try await alarms(fixture, "replication.slot").first)
                #expect(unread.message.contains("'unread'") && unread.remedy.contains("pg_drop_replication_slot('unread')"))
                _ = try await admin.query("SELECT pg_drop_replication_slot('unread')")
                #expect(try await alarms(fixture, "replication.slot") == [])

                try await admin.script("BEGIN; INSERT INTO progress_delta VALUES (1, 1, 1, 1); PREPARE TRANSACTION 'half done'")
                let prepared = try #require(try await alarms(fixture, "transaction.prepared").first)
                #expect(prepared.message.contains("'half done'") && prepared.remedy.contains("ROLLBACK PREPARED 'half done'"))
                #expect(try await alarms(fixture, "transaction.prepared", AlarmLimits()) == [])
                try await admin.script("ROLLBACK PREPARED 'half done'")
                #expect(try await alarms(fixture, "transaction.prepared") == [])

                // An administrator's transaction hides its times from a role like the ledger's; what it holds back does not.
                _ = try await fixture.job(clips: 1)
                try await admin.transaction { transaction in
                    _ = try await transaction.query("SELECT pg_current_xact_id()::text")
                    try await fixture.settle(try await fixture.claim("audio"))
                    let held = try #require(try await alarms(fixture, "events.held").first)
                    #expect(held.message.contains("'admin tool'") && held.remedy.contains("pg_read_all_stats"), "\(held)")
                    #expect(try await alarms(fixture, "events.held", AlarmLimits()) == [])
                }
                #expect(try await alarms(fixture, "events.held") == [])
                await admin.close()
            }
        }
    }

    @Test func `a job without a coordinator is an alarm, and one whose dispatcher stands still is another`() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            _ = try await fixture.job(clips: 1)
            #expect(try await alarms(fixture, "coordinator.none").first?.remedy == "start one: mvfleet coordinator; where one runs, its log says why it cannot lead")
            let holder = UUID()
            let term = try #require(try await ledger.acquireLeadership(holder, lease: .seconds(600)))
            #expect(try await ledger.leader().identity == nil)
            #expect(try await alarms(fixture, "coordinator.none") == [])
            #expect(try await alarms(fixture, "dispatch.stalled") == [])
            try await ledger.describeLeader(term, CoordinatorIdentity(host: "node-1/x/y", pid: 12, version: "0.3.0"))
            #expect(try await alarms(fixture, "dispatch.stalled", AlarmLimits()) == [])
            try await ledger.reportDispatch(term, ago: .seconds(300))
            let alarm = try #require(try await alarms(fixture, "dispatch.stalled", AlarmLimits()).first)
            #expect(alarm.message.contains("node-1 (pid 12, 0.3.0)") && alarm.message.contains("5 min ago"))
            try await ledger.reportDispatch(term, ago: .seconds(300), hindrance: "RabbitMQ takes no messages (low on memory)")
            #expect(try await alarms(fixture, "broker.blocked").first?.message == "nothing can be dispatched: RabbitMQ takes no messages (low on memory)")
            #expect(try await alarms(fixture, "dispatch.stalled", AlarmLimits()) == [])
            try await ledger.reportDispatch(term, ago: .zero)
            #expect(try await alarms(fixture, "broker.blocked") == [])
            try await ledger.reportDispatch(term, ago: .zero, hindrance: "RabbitMQ cannot be reached")
            _ = try await ledger.acquireLeadership(holder, lease: .zero)
            #expect(try await alarms(fixture, "broker.blocked") == [])
            #expect(try await alarms(fixture, "coordinator.none").first?.message.contains("when the lease of the last one ended") == true)
        }
    }

    @Test func `leases past their end are an alarm until a sweep`() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            _ = try await fixture.claim("audio", lease: .zero)
            #expect(try await alarms(fixture, "lease.overdue").first?.message.hasPrefix("2 leases are past their end") == true)
            #expect(try await alarms(fixture, "lease.overdue", AlarmLimits()) == [])
            _ = try await fixture.ledger.sweep()
            #expect(try await alarms(fixture, "lease.overdue") == [])
        }
    }

    @Test func `a stage that no live worker serves in the job's version is an alarm`() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            let job = try await fixture.job(clips: 2)
            func serve(_ stages: [StageName: Int], version: String = MVFleetVersion.current) async throws {
                var registration = LedgerFixture.registration(stages.keys.sorted())
                registration.stageVersions = stages
                registration.version = version
                _ = try await ledger.heartbeat(try await ledger.register(registration), consuming: true, holding: [LeaseRef](), lease: .seconds(60))
            }
            func unserved() async throws -> [Alarm] { try await alarms(fixture, "stage.unserved") }
            let before = try await unserved()
            #expect(before.map(\.severity) == [.fault, .fault, .warning, .warning])
            #expect(before.first?.message == "no live worker serves audio version 1, which job \(job) needs: 2 tasks are ready; 1 alive without consuming")
            try await serve(["frames": 1, "captions": 1, "description": 1])
            try await serve(["audio": 7], version: "0.2.0")
            let after = try await unserved()
            #expect(after.count == 1 && after[0].message.contains("live workers serve version 7 of it"))
            #expect(try await alarms(fixture, "worker.versions").first?.message.contains("× 0.2.0") == true)
            try await serve(["audio": 1])
            #expect(try await unserved() == [])
            try await ledger.pause(job)
            #expect(try await unserved() == [])
        }
    }

    @Test func `waiting tasks that nothing will free are an alarm, those behind a dead one are counted apart`() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            try await fixture.settle(try await fixture.claim("frames"))
            try await fixture.settle(try await fixture.claim("captions"))
            try await fixture.settle(try await fixture.claim("audio")) { _ in .failed(FleetError("audio.broken", "no sound")) }
            #expect(try await alarms(fixture, "task.stranded", thorough: true) == [])
            let blocked = try #require(try await alarms(fixture, "task.blocked").first)
            #expect(blocked.message.hasPrefix("2 tasks of job \(job) are blocked by 2 dead ones") && blocked.severity == .warning)
            #expect(blocked.remedy.contains("mvfleet failures retry --job \(job)"))

            _ = try await fixture.ledger.retryFailures(FailureFilter(job: job))
            try await fixture.settle(try await fixture.claim("audio"))
            // What a fault of the program would leave: nothing ready, and a count that no upstream will bring down.
            try await fixture.pool.execute("DELETE FROM ready")
            try await fixture.pool.execute("UPDATE task SET waiting = 1 WHERE state = 0")
            #expect(try await alarms(fixture, "task.blocked") == [])
            #expect(try await alarms(fixture, "task.stranded", thorough: true).first?.message.hasPrefix("2 tasks wait") == true)
            #expect(try await alarms(fixture, "job.stalled").first?.message.contains("has 2 open tasks") == true)
            _ = try await fixture.ledger.sweep()
            #expect(try await alarms(fixture, "task.stranded", thorough: true) == [])
            #expect(try await alarms(fixture, "job.stalled") == [])
        }
    }
}

struct AlarmLogTests {
    @Test func `each kind of alarm is logged at most once a minute`() {
        let start = ContinuousClock.now
        let one = Alarm("a", .fault, "1", remedy: ""), two = Alarm("b", .fault, "2", remedy: "")
        var log = AlarmLog()
        #expect(log.due([one], at: start) == [one])
        #expect(log.due([one, two], at: start + .seconds(15)) == [two])
        #expect(log.due([one, two], at: start + .seconds(60)) == [one])
        #expect(log.due([], at: start + .seconds(70)) == [])
        #expect(log.due([one, two], at: start + .seconds(120)) == [one, two])
    }
}
