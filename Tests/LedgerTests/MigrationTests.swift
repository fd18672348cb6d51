import FleetModel
import Ledger
import PostgreSQL
import Testing

@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct MigrationTests {
    @Test func twoMigrationsAtOnceApplyEachStepOnce() async throws {
        try await LedgerFixture.with(migrate: false) { fixture in
            let missing = await #expect(throws: FleetError.self) { try await fixture.ledger.requireSchema() }
            #expect(missing?.code == "schema.missing")
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.ledger.migrate().applied } }
                return try await group.reduce([], +)
            }
            // Each of the four tells what it applied, one after the other as they ended.
            #expect(applied.sorted() == Migration.all.map(\.version))
            #expect(try await fixture.ledger.migrate() == MigrationReport(applied: [], version: Ledger.schemaVersion))
            try await fixture.ledger.requireSchema()
        }
    }

    @Test func aFailingMigrationLeavesWhatWasReached() async throws {
        try await LedgerFixture.with { fixture in
            let bad = Migration.all + [Migration(version: 100, name: "bad", sql: "CREATE TABLE half (a int); SELECT 1 / 0")]
            await #expect(throws: FleetError.self) { try await fixture.ledger.migrate(bad) }
            #expect(try await fixture.number("SELECT count(*) FROM pg_class WHERE relname = 'half'") == 0)
            try await fixture.ledger.requireSchema()
        }
    }

    @Test func anEditedMigrationIsRefused() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.pool.execute("UPDATE schema_migration SET checksum = 'another'")
            for action in [{ _ = try await fixture.ledger.migrate() }, { try await fixture.ledger.requireSchema() }] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: FleetError.self) { try await action() }
                #expect(error?.code == "schema.edited")
            }
        }
    }

    /// Hazard 7: an expanded schema serves older programs; a contracted one refuses them.
    @Test func aNewerSchemaIsAcceptedUntilItIsContracted() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.pool.execute("INSERT INTO schema_migration (version, name, checksum) VALUES (999, 'later', 'x')")
            try await fixture.ledger.requireSchema()
            try await fixture.pool.execute("UPDATE ledger_state SET minimum_client = 999")
            var error = await #expect(throws: FleetError.self) { try await fixture.ledger.requireSchema() }
            #expect(error?.code == "schema.too_new")
            try await fixture.pool.execute("UPDATE ledger_state SET minimum_client = 1")
            try await fixture.pool.execute("DELETE FROM schema_migration")
            error = await #expect(throws: FleetError.self) { try await fixture.ledger.requireSchema() }
            #expect(error?.code == "schema.too_old")
        }
    }

    /// Hazard 15: history leaves by dropping partitions; results stay.
    @Test func oldHistoryLeavesByPartition() async throws {
        var policy = LedgerPolicy()
        policy.historyKept = .seconds(-35 * 86_400)
        try await LedgerFixture.with(policy: policy) { fixture in
            _ = try await fixture.job(clips: 1)
            try await fixture.drain()
            #expect(try await fixture.number("SELECT count(*) FROM event") > 0)
            try await fixture.ledger.tendPartitions()
            #expect(try await fixture.number("SELECT count(*) FROM event") == 0)
            #expect(try await fixture.number("SELECT count(*) FROM result") == 4)
            #expect(try await fixture.number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'job_task'::regclass") == 1)
        }
    }

    /// The promise behind the rate: no index covers a column of `task` that changes.
    @Test func everyUpdateOfATaskIsHot() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 50)
            try await fixture.drain()
            try await fixture.pool.withConnection { connection in
                _ = try await connection.query("SELECT pg_stat_force_next_flush()")
                let row = try await connection.queryOne("SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'task'::regclass AND a.attname NOT IN ('id', 'fp')")
                #expect(try row.int(0) == 0)
            }
        }
    }
}
