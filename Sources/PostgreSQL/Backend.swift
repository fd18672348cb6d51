import Synchronization

/// Which borrower speaks, and in which of its transactions.
struct SessionAccess: Sendable, Equatable {
    var lease: UInt64
    /// The innermost open transaction or savepoint, nil outside.
    var transaction: UInt64?
}

/// The owner of one connection: serialises its statements on its own thread, and refuses those that come from outside the current lease or transaction.
actor Backend {
    private let thread: ConnectionThread
    nonisolated let wake: WakeSignal
    nonisolated let configuration: ConnectionConfiguration
    private nonisolated let cursors = Atomic<UInt64>(0)
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    var link: ServerLink?
    private var cache: StatementCache
    var lease: UInt64 = 0
    /// Ids of the open transaction and its savepoints; only the last may speak.
    var open: [UInt64] = []
    var idsGiven: UInt64 = 0
    var isCopying = false
    /// The deadline of the COPY under way.
    var copyDeadline: ContinuousClock.Instant?

    init(_ configuration: ConnectionConfiguration) throws {
        thread = try ConnectionThread()
        wake = try WakeSignal()
        self.configuration = configuration
        cache = StatementCache(limit: configuration.preparedStatementLimit)
    }

    static func closedError(_ server: String) -> PostgreSQLError { PostgreSQLError(.closed, "the connection to \(server) was closed") }

    func connect(_ token: CancellationToken) throws {
        let link = try ServerLink.connect(configuration, wake: wake, token: token)
        for (name, value) in configuration.settings.sorted(by: { $0.key < $1.key }) {
            var watch = StatementWatch(deadline: .now + configuration.connectTimeout)
            let sql = "SELECT set_config($1, $2, false)"
            try link.prepare(sql, name: "", types: [.text, .text], &watch, token)
            _ = try link.executePrepared("", [.text(name), .text(value)], &watch, token)
        }
        self.link = link
    }

    /// Ends what runs, promptly and from any thread; the connection is closed by `close`.
    nonisolated func interrupt() { wake.close() }

    func close() {
        link = nil
        lease &+= 1
        open = []
    }

    nonisolated func nextCursorNumber() -> UInt64 { cursors.wrappingAdd(1, ordering: .relaxed).newValue }

    // MARK: leases

    func beginLease() -> SessionAccess {
        lease &+= 1
        return SessionAccess(lease: lease, transaction: nil)
    }

    /// Takes the connection back, rolling back what was left open.
    /// - Returns: whether it may be lent again.
    func endLease() -> Bool {
        lease &+= 1
        open = []
        guard let link, !link.isBroken, !wake.isClosing, !isCopying else {
            self.link = nil
            return false
        }
        guard link.isIdle || rollBackQuietly(link) else {
            self.link = nil
            return false
        }
        return true
    }

    func waitForNotifications(until limit: ContinuousClock.Instant?, _ token: CancellationToken) throws -> [Notification] {
        guard let link, !wake.isClosing else { throw Self.closedError(configuration.description) }
        return try link.notifications(until: limit, token)
    }

    func isAlive() -> Bool { link?.isAlive() ?? false }

    private func rollBackQuietly(_ link: ServerLink) -> Bool {
        var watch = StatementWatch(deadline: .now + StatementWatch.grace)
        // A connection that cannot even roll back is replaced by its owner: the server rolls back when it goes.
        _ = try? link.runScript("ROLLBACK", &watch, nil)
        return !link.isBroken && link.isIdle
    }

    // MARK: statements

    func run(_ sql: String, _ parameters: [Parameter], timeout: Duration?, _ access: SessionAccess, _ token: CancellationToken) throws -> StatementOutcome {
        let link = try check(access, sql: sql, token)
        var watch = StatementWatch(deadline: deadline(timeout ?? configuration.statementTimeout))
        let key = StatementCache.Key(sql: sql, types: parameters.map(\.type))
        do {
            do {
                return try runPrepared(key, parameters, link, &watch, token)
            } catch let error as PostgreSQLError where isStale(error, key: key) {
                try forget(key, link)
                guard link.isIdle else { throw error.retriable() }
                return try runPrepared(key, parameters, link, &watch, token)
            }
        } catch let error as PostgreSQLError {
            throw error.on(statement: sql)
        }
    }

    func runScript(_ sql: String, timeout: Duration?, _ access: SessionAccess, _ token: CancellationToken) throws {
        let link = try check(access, sql: sql, token)
        var watch = StatementWatch(deadline: deadline(timeout))
        do {
            _ = try link.runScript(sql, &watch, token)
        } catch let error as PostgreSQLError {
            throw error.on(statement: sql)
        }
    }

    private func runPrepared(
        _ key: StatementCache.Key, _ parameters: [Parameter], _ link: ServerLink, _ watch: inout StatementWatch, _ token: CancellationToken
    ) throws -> StatementOutcome {
        switch cache.lookup(key) {
        case .prepared(let name):
            return try link.executePrepared(name, parameters, &watch, token)
        case .missing(let name):
            try link.prepare(key.sql, name: name, types: key.types, &watch, token)
            if let evicted = cache.insert(key, name: name) { _ = try link.runScript("DEALLOCATE \(evicted)", &watch, token) }
            return try link.executePrepared(name, parameters, &watch, token)
        }
    }

    /// A migration changed what the cached statement gives, or something beside us discarded it.
    private func isStale(_ error: PostgreSQLError, key: StatementCache.Key) -> Bool {
        guard cache.contains(key) else { return false }
        return error.sqlState == .invalidStatementName || (error.sqlState == .featureNotSupported && error.message.contains("cached plan"))
    }

    private func forget(_ key: StatementCache.Key, _ link: ServerLink) throws {
        guard let name = cache.remove(key), link.isIdle else { return }
        var watch = StatementWatch(deadline: .now + StatementWatch.grace)
        // Whether it is gone already does not matter; a broken connection shows at the next statement.
        _ = try? link.runScript("DEALLOCATE \(name)", &watch, nil)
    }

    func deadline(_ timeout: Duration?) -> ContinuousClock.Instant? { timeout.map { .now + $0 } }

    func check(_ access: SessionAccess, sql: String, _ token: CancellationToken?) throws -> ServerLink {
        if token?.isCancelled ?? false { throw CancellationError() }
        let link = try check(access)
        if sql.utf8.contains(0) { throw PostgreSQLError(.encoding, "the statement's text holds a NUL character") }
        return link
    }

    func check(_ access: SessionAccess) throws -> ServerLink {
        guard access.lease == lease else { throw PostgreSQLError(.misuse, "the connection was used after it had been given back") }
        guard let link, !wake.isClosing else { throw Self.closedError(configuration.description) }
        guard access.transaction == open.last else {
            throw PostgreSQLError(.misuse, access.transaction.map(open.contains) ?? true
                ? "a transaction is open on this connection: use its own handle"
                : "the transaction has ended: its handle cannot be used any more")
        }
        guard !isCopying else { throw PostgreSQLError(.misuse, "a COPY is under way on this connection") }
        guard !link.isBroken else { throw link.lost() }
        return link
    }
}
