import PostgreSQL
import Testing

@Suite(.enabled(if: TestServer.isPresent, TestServer.comment))
struct PoolTests {
    @Test func aTerminatedConnectionIsReportedRetriableAndReplaced() async throws {
        try await TestServer.withPool("killed") { pool in
            let error = try await failure {
                try await pool.withConnection { victim in
                    let pid = try await victim.queryOne("SELECT pg_backend_pid()").int(0)
                    try await pool.execute("SELECT pg_terminate_backend($1::int, 5000)", [.int32(Int32(pid))])
                    return try await victim.query("SELECT 1")
                }
            }
            #expect(error.isRetriable && error.endsConnection)
            for _ in 0..<4 { try await pool.execute("SELECT 1") }
        }
    }

    @Test func aConnectionKilledMidStatementEndsTheStatement() async throws {
        try await TestServer.withPool("midway") { pool in
            let task = Task { try await pool.query("SELECT pg_sleep(60) /* midway */") }
            var pid: Int32?
            try await awaitServer(pool) {
                pid = try await pool.queryFirst("SELECT pid FROM pg_stat_activity WHERE query LIKE '%/* midway */' AND wait_event = 'PgSleep'")?.int32(0)
                return pid != nil
            }
            try await pool.execute("SELECT pg_terminate_backend($1)", [.int32(pid)])
            let error = try await failure { try await task.value }
            #expect(error.isRetriable && error.sqlState == .adminShutdown)
        }
    }

    @Test func borrowersWaitInOrderAndAreRefusedBeyondTheBound() async throws {
        var limits = ConnectionPool.Limits(connections: 1, waiters: 0, waitTimeout: .seconds(5))
        let narrow = try await ConnectionPool.open(TestServer.configuration(), limits: limits)
        try await narrow.withConnection { _ in
            let error1 = try await failure { try await narrow.query("SELECT 1") }
            #expect(error1.code == .poolExhausted)
        }
        await narrow.close()
        limits = ConnectionPool.Limits(connections: 1, waiters: 8, waitTimeout: .milliseconds(20))
        let impatient = try await ConnectionPool.open(TestServer.configuration(), limits: limits)
        try await impatient.withConnection { _ in
            let error = try await failure { try await impatient.query("SELECT 1") }
            #expect(error.code == .poolExhausted && error.isRetriable)
        }
        let found2 = try await impatient.queryOne("SELECT 1").int(0)
        #expect(found2 == 1)
        await impatient.close()
    }

    @Test func manyBorrowersShareFewConnections() async throws {
        try await TestServer.withPool(connections: 2, "shared") { pool in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...50 { group.addTask { try await pool.queryOne("SELECT $1", [.int(number)]).int(0) } }
                return try await group.reduce(0, +)
            }
            #expect(sum == 1275)
        }
    }

    @Test func closingEndsRunningStatementsAndWaiters() async throws {
        let pool = try await ConnectionPool.open(TestServer.configuration(), limits: .init(connections: 1))
        let watcher = try await ConnectionPool.open(TestServer.configuration())
        let running = Task { try await pool.query("SELECT pg_sleep(60) /* closing */") }
        try await awaitServer(watcher) {
            try await watcher.queryOne("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%/* closing */' AND wait_event = 'PgSleep'").int(0) == 1
        }
        let waiting = Task { try await pool.query("SELECT 1") }
        await pool.close()
        let error3 = try await failure { try await running.value }
        #expect(error3.code == .closed)
        let error4 = try await failure { try await waiting.value }
        #expect(error4.code == .closed)
        let error5 = try await failure { try await pool.query("SELECT 1") }
        #expect(error5.code == .closed)
        await watcher.close()
    }

    @Test func aForgottenTransactionDoesNotReachTheNextBorrower() async throws {
        try await TestServer.withPool(connections: 1, "forgotten") { pool in
            try await pool.withConnection { try await $0.script("BEGIN; CREATE TABLE left_open (id int)") }
            let found6 = try await pool.queryOne("SELECT to_regclass('left_open') IS NULL").bool(0)
            #expect(found6)
        }
    }

    @Test func connectionFailuresSayWhatToDo() async throws {
        let refused = try await failure { try await Connection.open(ConnectionConfiguration("postgresql://u:secret@127.0.0.1:1/db")) }
        #expect(refused.code == .connectionRefused && refused.isRetriable && !"\(refused)".contains("secret"))
        let url = try #require(TestServer.url)
        // What a URL's query says last holds, whatever stands before it.
        let more = url.contains("?") ? "&" : "?"
        let missing = try await failure { try await Connection.open(ConnectionConfiguration("\(url)\(more)dbname=no_such_database")) }
        #expect(missing.code == .databaseNotFound && !missing.isRetriable)
        let stranger = try await failure { try await Connection.open(ConnectionConfiguration("\(url)\(more)user=nobody_here&password=wrong-secret")) }
        #expect(stranger.code == .authentication && !"\(stranger)".contains("wrong-secret"))
    }

    @Test func notificationsAreHeardAlsoAfterTheConnectionWasLost() async throws {
        try await TestServer.withPool("notify") { pool in
            let listener = NotificationListener(try TestServer.configuration(), channels: ["Ready \"1\"", "other"])
            let found7 = try await listener.next(timeout: .seconds(10))
            #expect(found7 == .connected)
            let found8 = try await listener.next(timeout: .milliseconds(10))
            #expect(found8 == .timeout)
            try await pool.execute("SELECT pg_notify($1, $2)", ["Ready \"1\"", "one"])
            try await pool.execute("SELECT pg_notify($1, $2)", ["other", "two"])
            var heard: [String] = []
            while heard.count < 2, case .notification(let note) = try await listener.next(timeout: .seconds(10)) { heard.append("\(note.channel) \(note.payload)") }
            #expect(heard == ["Ready \"1\" one", "other two"])
            try await pool.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database() AND application_name = 'mvfleet tests'")
            let found9 = try await listener.next(timeout: .seconds(10))
            #expect(found9 == .connected)
            let waiting = Task { try await listener.next() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await listener.close()
            let error10 = try await failure { try await listener.next() }
            #expect(error10.code == .closed)
        }
    }
}
