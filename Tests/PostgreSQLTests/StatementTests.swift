import PostgreSQL
import Testing

@Suite(.enabled(if: TestServer.isPresent, TestServer.comment))
struct StatementTests {
    @Test func refusalsCarryTheServersReport() async throws {
        try await TestServer.withPool("refusals") { pool in
            try await pool.script("CREATE TABLE t (id int CONSTRAINT t_key UNIQUE); INSERT INTO t VALUES (1)")
            let unique = try await failure { try await pool.execute("INSERT INTO t VALUES ($1)", [1]) }
            #expect(unique.code == .statement && unique.sqlState == .uniqueViolation && unique.constraint == "t_key" && !unique.isRetriable)
            #expect(unique.statement == "INSERT INTO t VALUES ($1)")
            let syntax = try await failure { try await pool.query("SELEC 1") }
            #expect(syntax.sqlState == .syntaxError && syntax.position == 1)
            let error1 = try await failure { try await pool.query("SELECT * FROM missing") }
            #expect(error1.sqlState == .undefinedTable)
            let error2 = try await failure { try await pool.execute("COPY t FROM STDIN") }
            #expect(error2.code == .misuse)
            let found3 = try await pool.queryOne("SELECT count(*) FROM t").int(0)
            #expect(found3 == 1)
        }
    }

    @Test func aDeadlineStopsTheStatementAndKeepsTheConnection() async throws {
        try await TestServer.withPool(connections: 1, "deadline") { pool in
            let before = try await pool.queryOne("SELECT pg_backend_pid()").int(0)
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await failure { try await pool.query("SELECT pg_sleep(60)", timeout: .milliseconds(50)) }
            #expect(error.code == .deadline && error.isRetriable)
            #expect(clock.now - start < .seconds(5))
            let found4 = try await pool.queryOne("SELECT pg_backend_pid()").int(0)
            #expect(found4 == before)
        }
    }

    @Test func cancellingTheTaskStopsTheStatement() async throws {
        try await TestServer.withPool("cancel") { pool in
            let task = Task { try await pool.query("SELECT pg_sleep(60) /* cancelled */") }
            try await awaitServer(pool) { try await pool.queryOne("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%/* cancelled */' AND wait_event = 'PgSleep'").int(0) == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let found5 = try await pool.queryOne("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%/* cancelled */' AND wait_event = 'PgSleep'").int(0)
            #expect(found5 == 0)
        }
    }

    @Test func statementsChangedByAMigrationArePreparedAgain() async throws {
        try await TestServer.withPool(connections: 1, "stale") { pool in
            try await pool.script("CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
            let found6 = try await pool.queryOne("SELECT * FROM t").columns.count
            #expect(found6 == 1)
            try await pool.script("ALTER TABLE t ADD COLUMN name text DEFAULT 'x'")
            let found7 = try await pool.queryOne("SELECT * FROM t").text("name")
            #expect(found7 == "x")
            try await pool.script("DISCARD ALL")
            let found8 = try await pool.queryOne("SELECT 1 FROM pg_class LIMIT 1").int(0)
            #expect(found8 == 1)
        }
    }

    @Test func theStatementCacheStaysBounded() async throws {
        var configuration = try TestServer.configuration()
        configuration.preparedStatementLimit = 3
        let connection = try await Connection.open(configuration)
        for number in 0..<10 { try await connection.execute("SELECT \(number) + $1", [1]) }
        let found9 = try await connection.queryOne("SELECT count(*) FROM pg_prepared_statements").int(0)
        #expect(found9 <= 3)
        await connection.close()
        let error10 = try await failure { try await connection.query("SELECT 1") }
        #expect(error10.isRetriable == false)
    }

    @Test func settingsReachEachConnection() async throws {
        var configuration = try TestServer.configuration()
        configuration.settings = ["lock_timeout": "1234ms", "idle_in_transaction_session_timeout": "7s"]
        let connection = try await Connection.open(configuration)
        let found11 = try await connection.queryOne("SHOW lock_timeout").text(0)
        #expect(found11 == "1234ms")
        let found12 = try await connection.queryOne("SELECT current_setting('application_name')").text(0)
        #expect(found12 == "mvfleet tests")
        await connection.close()
    }
}

/// Asks the server again and again, without pause but no longer than ten seconds, until it says yes.
func awaitServer(_ pool: ConnectionPool, _ question: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(10)
    while !(try await question()) {
        if ContinuousClock.now > limit { throw PostgreSQLError(.deadline, "the awaited state did not come") }
    }
}
