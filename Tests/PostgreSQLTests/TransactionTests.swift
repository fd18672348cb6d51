import PostgreSQL
import Testing

@Suite(.enabled(if: TestServer.isPresent, TestServer.comment))
struct TransactionTests {
    struct Stop: Error {}

    @Test func whatThrowsIsRolledBackAndWhatReturnsIsCommitted() async throws {
        try await TestServer.withPool("rollback") { pool in
            try await pool.script("CREATE TABLE t (id int)")
            await #expect(throws: Stop.self) {
                try await pool.withTransaction { tx in
                    try await tx.execute("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            try await pool.withTransaction { tx in
                try await tx.execute("INSERT INTO t VALUES (2)")
                await #expect(throws: Stop.self) {
                    try await tx.savepoint { inner in
                        try await inner.execute("INSERT INTO t VALUES (3)")
                        throw Stop()
                    }
                }
                try await tx.savepoint { try await $0.execute("INSERT INTO t VALUES (4)") }
            }
            let found1 = try await pool.query("SELECT id FROM t ORDER BY id").map { try $0.int(0) }
            #expect(found1 == [2, 4])
        }
    }

    @Test func anErrorSwallowedInATransactionIsToldAtItsCommit() async throws {
        try await TestServer.withPool("swallowed") { pool in
            let error = try await failure {
                try await pool.withTransaction { tx in _ = try? await tx.query("SELECT 1 / 0") }
            }
            #expect(error.code == .transactionAborted)
        }
    }

    @Test func cancellationRollsBack() async throws {
        try await TestServer.withPool("txcancel") { pool in
            try await pool.script("CREATE TABLE t (id int)")
            let task = Task {
                try await pool.withTransaction { tx in
                    try await tx.execute("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let found2 = try await pool.queryOne("SELECT count(*) FROM t").int(0)
            #expect(found2 == 0)
        }
    }

    @Test func onlyTheInnermostHandleMaySpeak() async throws {
        try await TestServer.withPool("handles") { pool in
            let leaked = try await pool.withConnection { connection in
                let ended = try await connection.transaction { tx in
                    let error3 = try await failure { try await connection.query("SELECT 1") }
                    #expect(error3.code == .misuse)
                    let outer = try await tx.savepoint { _ in try await failure { try await tx.query("SELECT 1") } }
                    #expect(outer.code == .misuse)
                    return tx
                }
                let error4 = try await failure { try await ended.query("SELECT 1") }
                #expect(error4.code == .misuse)
                return connection
            }
            let error5 = try await failure { try await leaked.query("SELECT 1") }
            #expect(error5.code == .misuse)
        }
    }

    @Test func deadlocksAreRunAgainUntilBothSucceed() async throws {
        try await TestServer.withPool("deadlock") { pool in
            try await pool.script("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)")
            // Both hold their first row before either asks for its second, on the first attempt.
            let barrier = Barrier(parties: 2)
            @Sendable func update(_ first: Int, _ second: Int) async throws {
                try await pool.withTransaction { tx in
                    try await tx.execute("UPDATE t SET n = n + 1 WHERE id = $1", [.int(first)])
                    await barrier.arrive()
                    try await tx.execute("UPDATE t SET n = n + 1 WHERE id = $1", [.int(second)])
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await update(1, 2) }
                group.addTask { try await update(2, 1) }
                try await group.waitForAll()
            }
            #expect(await barrier.arrivals == 3)
            let found6 = try await pool.query("SELECT n FROM t").map { try $0.int(0) }
            #expect(found6 == [2, 2])
        }
    }

    @Test func aCursorReadsInPieces() async throws {
        try await TestServer.withPool("cursor") { pool in
            var sizes: [Int] = []
            var sum = 0
            try await pool.withTransaction(.init(isolation: .repeatableRead, isReadOnly: true)) { tx in
                try await tx.forEachBatch(of: 400, "SELECT i FROM generate_series(1, $1::int) i", [.int32(1000)]) { rows in
                    sizes.append(rows.count)
                    for row in rows { sum += try row.int(0) }
                }
            }
            #expect(sizes == [400, 400, 200] && sum == 500_500)
            let error7 = try await failure { try await pool.withTransaction(.init(isReadOnly: true)) { try await $0.execute("CREATE TABLE t ()") } }
            #expect(error7.sqlState == .readOnlyTransaction)
        }
    }
}

/// Lets the first `parties` go on together; later ones pass.
actor Barrier {
    private let parties: Int
    private(set) var arrivals = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(parties: Int) { self.parties = parties }

    func arrive() async {
        arrivals += 1
        if arrivals < parties {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            waiting.forEach { $0.resume() }
            waiting = []
        }
    }
}
