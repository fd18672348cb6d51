import Logging

/// A bounded set of connections, each lent to one borrower at a time, in the order of asking.
///
/// Connections are made when first needed and replaced when broken. A borrower that finds the server away tries again with growing pauses for as long as a borrower may wait.
public actor ConnectionPool {
    public struct Limits: Sendable {
        /// The most connections open at once.
        public var connections: Int
        /// The most borrowers that may wait; the next is refused at once.
        public var waiters: Int
        /// The longest a borrower waits, for a permit and for the server together.
        public var waitTimeout: Duration

        public init(connections: Int = 8, waiters: Int = 1024, waitTimeout: Duration = .seconds(30)) {
            self.connections = connections
            self.waiters = waiters
            self.waitTimeout = waitTimeout
        }
    }

    private struct Idle {
        var backend: Backend
        var since: ContinuousClock.Instant
    }

    /// A connection idle for longer is looked at before it is lent.
    private static let unquestioned = Duration.seconds(1)

    public nonisolated let configuration: ConnectionConfiguration
    public nonisolated let limits: Limits
    private nonisolated let logger: Logger?
    private nonisolated let random: @Sendable () -> Double
    private var permits: PermitQueue
    private var waiting: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    private var idle: [Idle] = []
    private var lent: [ObjectIdentifier: Backend] = [:]
    private var waitersSeen: UInt64 = 0

    /// Connects when first used.
    public init(
        _ configuration: ConnectionConfiguration, limits: Limits = Limits(), logger: Logger? = nil,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.configuration = configuration
        self.limits = limits
        self.logger = logger
        self.random = random
        permits = PermitQueue(limit: limits.connections, waiterLimit: limits.waiters)
    }

    /// Makes the first connection at once, and fails if that is not possible.
    public static func open(_ configuration: ConnectionConfiguration, limits: Limits = Limits(), logger: Logger? = nil) async throws -> ConnectionPool {
        let pool = ConnectionPool(configuration, limits: limits, logger: logger)
        await pool.keep(try await Backend.open(configuration))
        return pool
    }

    /// Ends running statements, refuses waiters, closes connections. Safe to call twice.
    public func close() async {
        for waiter in permits.close() { waiting.removeValue(forKey: waiter)?.resume(throwing: closedError) }
        for backend in lent.values { backend.interrupt() }
        let closing = idle
        idle = []
        for entry in closing { await entry.backend.close() }
    }

    private func keep(_ backend: Backend) { idle.append(Idle(backend: backend, since: .now)) }
    private var closedError: PostgreSQLError { PostgreSQLError(.closed, "the pool for \(configuration) is closed") }
}

// MARK: lending

extension ConnectionPool {
    /// Lends a connection for the length of `body`. What `body` leaves open is rolled back; `SET`, temporary tables and locks of the session outlive it.
    @discardableResult
    public func withConnection<T>(isolation: isolated (any Actor)? = #isolation, _ body: (Connection) async throws -> T) async throws -> T {
        let backend = try await borrow()
        do {
            let value = try await body(Connection(backend, await backend.beginLease()))
            await giveBack(backend)
            return value
        } catch {
            await giveBack(backend)
            throw error
        }
    }

    /// Runs `body` in a transaction on a connection of its own, from its start again when PostgreSQL undid it in favour of a rival.
    @discardableResult
    public func withTransaction<T>(
        _ options: TransactionOptions = TransactionOptions(), retry: RetryPolicy = .default,
        isolation: isolated (any Actor)? = #isolation, _ body: (Transaction) async throws -> T
    ) async throws -> T {
        try await withConnection { connection in
            var attempt = 1
            while true {
                do {
                    return try await connection.transaction(options, body)
                } catch {
                    guard let delay = retry.delay(after: error, attempt: attempt, random: random()) else { throw error }
                    attempt += 1
                    // As the policy says: transactions that collided are not to meet again.
                    try await Task.sleep(for: delay)
                }
            }
        }
    }

    /// One statement on a connection of its own.
    public nonisolated func query(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Rows {
        try await withConnection { try await $0.query(sql, parameters, timeout: timeout) }
    }

    /// One statement on a connection of its own; exactly one row.
    public nonisolated func queryOne(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Row {
        try await withConnection { try await $0.queryOne(sql, parameters, timeout: timeout) }
    }

    /// One statement on a connection of its own; its first row.
    public nonisolated func queryFirst(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Row? {
        try await withConnection { try await $0.queryFirst(sql, parameters, timeout: timeout) }
    }

    /// One statement on a connection of its own; how many rows it touched.
    @discardableResult
    public nonisolated func execute(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Int {
        try await withConnection { try await $0.execute(sql, parameters, timeout: timeout) }
    }

    /// Several statements without binds, on a connection of its own.
    public nonisolated func script(_ sql: String, timeout: Duration? = nil) async throws {
        try await withConnection { try await $0.script(sql, timeout: timeout) }
    }

    private func borrow() async throws -> Backend {
        let limit = ContinuousClock.now + limits.waitTimeout
        try await takePermit(until: limit)
        do {
            let backend = try await aliveOrNew(until: limit)
            if permits.isClosed {
                await backend.close()
                throw closedError
            }
            lent[ObjectIdentifier(backend)] = backend
            return backend
        } catch {
            givePermitBack()
            throw error
        }
    }

    private func giveBack(_ backend: Backend) async {
        let isReusable = await backend.endLease()
        lent[ObjectIdentifier(backend)] = nil
        if isReusable, !permits.isClosed {
            keep(backend)
        } else {
            await backend.close()
        }
        givePermitBack()
    }

    private func aliveOrNew(until limit: ContinuousClock.Instant) async throws -> Backend {
        while let entry = idle.popLast() {
            if entry.since.duration(to: .now) < Self.unquestioned { return entry.backend }
            if await entry.backend.isAlive() { return entry.backend }
            await entry.backend.close()
        }
        return try await connect(until: limit)
    }

    private func connect(until limit: ContinuousClock.Instant) async throws -> Backend {
        let backoff = Backoff(initial: .milliseconds(50), maximum: .seconds(2))
        var attempt = 1
        while true {
            do {
                return try await Backend.open(configuration)
            } catch let error as PostgreSQLError where error.isRetriable {
                let delay = backoff.delay(attempt: attempt, random: random())
                guard !permits.isClosed else { throw closedError }
                guard .now + delay < limit else { throw error }
                logger?.warning("database connection failed, trying again", metadata: ["error": "\(error)", "attempt": "\(attempt)"])
                attempt += 1
                // The server is away: less and less often.
                try await Task.sleep(for: delay)
            }
        }
    }
}

// MARK: permits

extension ConnectionPool {
    private func takePermit(until limit: ContinuousClock.Instant) async throws {
        try Task.checkCancellation()
        waitersSeen &+= 1
        let waiter = waitersSeen
        switch permits.ask(waiter) {
        case .granted: return
        case .closed: throw closedError
        case .full:
            throw PostgreSQLError(.poolExhausted, "\(limits.waiters) callers wait for a connection to \(configuration) already: send larger batches or enlarge the pool", isRetriable: true)
        case .wait: try await wait(waiter, until: limit)
        }
    }

    private func wait(_ waiter: UInt64, until limit: ContinuousClock.Instant) async throws {
        let timer = Task { [weak self, limits, configuration] in
            // The limit itself; cancelled where a connection comes first.
            guard (try? await Task.sleep(until: limit, clock: .continuous)) != nil else { return }
            await self?.refuse(waiter, PostgreSQLError(
                .poolExhausted,
                "no connection to \(configuration) came free within \(limits.waitTimeout): all \(limits.connections) are lent; enlarge the pool or look for long transactions",
                isRetriable: true))
        }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled, permits.leave(waiter) {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting[waiter] = continuation
                }
            }
        } onCancel: {
            Task { await self.refuse(waiter, CancellationError()) }
        }
    }

    private func refuse(_ waiter: UInt64, _ error: any Error) {
        guard permits.leave(waiter) else { return }
        waiting.removeValue(forKey: waiter)?.resume(throwing: error)
    }

    private func givePermitBack() {
        if let next = permits.giveBack() { waiting.removeValue(forKey: next)?.resume() }
    }
}
