import PostgreSQL
import Testing

@Suite struct StatementCacheTests {
    @Test func theLeastRecentlyUsedLeavesFirst() {
        var cache = StatementCache(limit: 2)
        func key(_ sql: String, _ types: [TypeOID] = []) -> StatementCache.Key { .init(sql: sql, types: types) }
        #expect(cache.lookup(key("a")) == .missing(name: "s1"))
        #expect(cache.insert(key("a"), name: "s1") == nil)
        #expect(cache.lookup(key("b")) == .missing(name: "s2"))
        #expect(cache.insert(key("b"), name: "s2") == nil)
        #expect(cache.lookup(key("a")) == .prepared(name: "s1"))
        #expect(cache.lookup(key("a", [.int8])) == .missing(name: "s3"))
        #expect(cache.insert(key("a", [.int8]), name: "s3") == "s2")
        #expect(cache.count == 2)
        #expect(cache.remove(key("a")) == "s1")
        #expect(!cache.contains(key("a")))
    }
}

@Suite struct StatementWatchTests {
    private let start = ContinuousClock.now

    @Test func aDeadlineAsksOnceAndThenGivesUpAfterTheGrace() {
        var watch = StatementWatch(deadline: start + .seconds(1))
        #expect(watch.next(now: start, isCancelled: false, isClosing: false) == .wait(until: start + .seconds(1)))
        #expect(watch.next(now: start + .seconds(1), isCancelled: false, isClosing: false) == .requestCancel)
        let limit = start + .seconds(1) + StatementWatch.grace
        #expect(watch.next(now: start + .seconds(2), isCancelled: true, isClosing: false) == .wait(until: limit))
        #expect(watch.next(now: limit, isCancelled: true, isClosing: false) == .abandon(.deadline))
    }

    @Test func withoutDeadlineOnlyTheCallerStopsIt() {
        var watch = StatementWatch(deadline: nil)
        #expect(watch.next(now: start, isCancelled: false, isClosing: false) == .wait(until: nil))
        #expect(watch.next(now: start, isCancelled: true, isClosing: false) == .requestCancel)
        #expect(watch.reason == .cancelled)
    }

    @Test func closingHasAShorterGrace() {
        var watch = StatementWatch(deadline: nil)
        #expect(watch.next(now: start, isCancelled: false, isClosing: true) == .requestCancel)
        #expect(watch.next(now: start + StatementWatch.graceOnClosing, isCancelled: false, isClosing: true) == .abandon(.closing))
    }
}

@Suite struct PermitQueueTests {
    @Test func permitsGoInTheOrderOfAsking() {
        var queue = PermitQueue(limit: 1, waiterLimit: 3)
        #expect([1, 2, 3, 4, 5].map { queue.ask($0) } == [.granted, .wait, .wait, .wait, .full])
        let left = [queue.leave(3), queue.leave(3)]
        #expect(left == [true, false])
        #expect(queue.giveBack() == 2)
        #expect(queue.giveBack() == 4)
        #expect(queue.giveBack() == nil)
        #expect(queue.ask(6) == .granted)
    }

    @Test func closingRefusesThoseWhoWaitAndThoseWhoCome() {
        var queue = PermitQueue(limit: 1, waiterLimit: 3)
        _ = queue.ask(1)
        _ = queue.ask(2)
        #expect(queue.close() == [2])
        #expect(queue.ask(3) == .closed)
        #expect(queue.giveBack() == nil)
    }
}

@Suite struct RetryPolicyTests {
    @Test func pausesDoubleUpToTheMaximumAndAreShortenedAtRandom() {
        let backoff = Backoff(initial: .milliseconds(10), maximum: .milliseconds(50))
        #expect([1, 2, 3, 4, 100].map { backoff.delay(attempt: $0, random: 1) } == [10, 20, 40, 50, 50].map { .milliseconds($0) })
        #expect(backoff.delay(attempt: 1, random: 0) == .milliseconds(5))
    }

    @Test func onlyConflictsAreRunAgainAndNotForEver() {
        let policy = RetryPolicy(attempts: 2)
        let deadlock = PostgreSQLError(.statement, "deadlock", sqlState: .deadlockDetected)
        #expect(policy.delay(after: deadlock, attempt: 1, random: 0) != nil)
        #expect(policy.delay(after: deadlock, attempt: 2, random: 0) == nil)
        #expect(policy.delay(after: PostgreSQLError(.statement, "", sqlState: .uniqueViolation), attempt: 1, random: 0) == nil)
        #expect(policy.delay(after: CancellationError(), attempt: 1, random: 0) == nil)
    }
}

@Suite struct ConnectingErrorTests {
    @Test(arguments: [
        ("connection to server at \"h\" failed: FATAL:  28P01: password authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:335\n", PostgreSQLError.Code.authentication, false),
        ("connection failed: FATAL:  28000: no pg_hba.conf entry for host", .authentication, false),
        ("connection failed: FATAL:  3D000: Datenbank »x« existiert nicht", .databaseNotFound, false),
        ("connection failed: FATAL:  53300: sorry, too many clients already", .serverUnavailable, true),
        ("connection failed: FATAL:  57P03: the database system is starting up", .serverUnavailable, true),
        ("connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host", .connectionRefused, true),
        ("connection to server on socket \"/x/.s.PGSQL.5432\" failed: No such file or directory", .connectionRefused, true),
        ("could not translate host name \"nowhere\" to address: Name or service not known", .hostNotFound, true),
        ("connection failed: fe_sendauth: no password supplied", .authentication, false),
        ("connection failed: server does not support SSL, but SSL was required", .tls, false),
        ("connection failed: SSL error: certificate verify failed", .tls, false),
        ("connection failed: Connection timed out", .connectTimeout, true),
        ("invalid sslmode value: \"always\"", .tls, false),
        ("something new", .connectionLost, true),
    ])
    func reportsAreToldApart(report: String, code: PostgreSQLError.Code, isRetriable: Bool) {
        let error = PostgreSQLError.connecting(to: "PostgreSQL at h", report: report)
        #expect(error.code == code)
        #expect(error.isRetriable == isRetriable)
        #expect(!(error.cause ?? "").contains("LOCATION"))
    }
}

@Suite struct ConnectionConfigurationTests {
    @Test(arguments: ["postgresql://anna:geheim@db.example:6000/clips?sslmode=require&connect_timeout=3", "host=db.example port=6000 user=anna password=geheim dbname=clips connect_timeout=3"])
    func thePasswordIsNeverShown(conninfo: String) throws {
        let configuration = try ConnectionConfiguration(conninfo)
        #expect(configuration.description == "PostgreSQL at anna@db.example:6000/clips")
        #expect(configuration.connectTimeout == .seconds(3))
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in ["\(configuration)", String(reflecting: configuration), dumped] { #expect(!shown.contains("geheim")) }
    }

    @Test func whatCannotBeReadIsRefusedWithoutRepeatingIt() {
        #expect { try ConnectionConfiguration("postgresql://anna:geheim@db:6000/x?nonsense=1") } throws: {
            let error = $0 as? PostgreSQLError
            return error?.code == .configuration && !"\($0)".contains("geheim")
        }
        #expect(throws: PostgreSQLError.self) { try ConnectionConfiguration("postgresql://a\0b") }
    }
}
