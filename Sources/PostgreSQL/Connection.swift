import Logging

/// One connection, lent to one borrower: by a pool for the length of a closure, or by `open` until `close`.
///
/// A handle; the connection itself is serialised behind it. While a transaction is open, the connection refuses other statements.
public struct Connection: SQLSession {
    public let channel: SessionChannel

    init(_ backend: Backend, _ access: SessionAccess) {
        channel = SessionChannel(backend: backend, access: access)
    }

    /// A connection of its own, outside any pool. Close it.
    public static func open(_ configuration: ConnectionConfiguration) async throws -> Connection {
        let backend = try await Backend.open(configuration)
        return Connection(backend, await backend.beginLease())
    }

    /// Ends what runs on it and closes it.
    public func close() async {
        channel.backend.interrupt()
        await channel.backend.close()
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or its task is cancelled.
    ///
    /// - Throws: what `body` throws; `CancellationError`; `transactionAborted` if `body` swallowed a statement's error; `commitOutcomeUnknown` if the connection went during COMMIT.
    @discardableResult
    public func transaction<T>(
        _ options: TransactionOptions = TransactionOptions(), isolation: isolated (any Actor)? = #isolation, _ body: (Transaction) async throws -> T
    ) async throws -> T {
        try await channel.transaction(options, body)
    }
}

/// An open transaction or savepoint; usable until its closure ends.
public struct Transaction: SQLSession {
    public let channel: SessionChannel

    /// Runs `body` in a savepoint: when it throws, only its own work is undone.
    @discardableResult
    public func savepoint<T>(isolation: isolated (any Actor)? = #isolation, _ body: (Transaction) async throws -> T) async throws -> T {
        try await channel.transaction(TransactionOptions(), body)
    }

    /// Reads a result piece by piece through a server-side cursor, so that memory is bounded by a piece.
    ///
    /// - Parameter rowsPerBatch: 1 or more.
    public func forEachBatch(
        of rowsPerBatch: Int, _ sql: String, _ parameters: [Parameter] = [],
        isolation: isolated (any Actor)? = #isolation, _ body: (Rows) async throws -> Void
    ) async throws {
        precondition(rowsPerBatch > 0)
        let cursor = "cursor_\(channel.backend.nextCursorNumber())"
        try await execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)", parameters)
        while true {
            let rows = try await query("FETCH \(rowsPerBatch) FROM \(cursor)")
            if !rows.isEmpty { try await body(rows) }
            if rows.count < rowsPerBatch { break }
        }
        try await execute("CLOSE \(cursor)")
    }
}

extension SessionChannel {
    func transaction<T>(
        _ options: TransactionOptions, isolation: isolated (any Actor)? = #isolation, _ body: (Transaction) async throws -> T
    ) async throws -> T {
        let inner = try await perform { try await $0.begin(options, $1, $2) }
        do {
            let value = try await body(Transaction(channel: SessionChannel(backend: backend, access: inner)))
            try Task.checkCancellation()
            try await backend.commit(inner)
            return value
        } catch {
            await backend.rollBack(inner)
            throw error
        }
    }
}

extension Backend {
    static func open(_ configuration: ConnectionConfiguration) async throws -> Backend {
        let backend = try Backend(configuration)
        let token = CancellationToken(backend.wake)
        try await withTaskCancellationHandler {
            try await backend.connect(token)
        } onCancel: {
            token.cancel()
        }
        return backend
    }
}
