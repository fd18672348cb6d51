/// The way to a connection's owner, with the right to speak there.
public struct SessionChannel: Sendable {
    let backend: Backend
    let access: SessionAccess

    /// Runs one operation on the connection; cancelling the task cancels the statement.
    func perform<T: Sendable>(_ operation: @Sendable (Backend, SessionAccess, CancellationToken) async throws -> T) async throws -> T {
        let token = CancellationToken(backend.wake)
        return try await withTaskCancellationHandler {
            try await operation(backend, access, token)
        } onCancel: {
            token.cancel()
        }
    }
}

/// Something that statements can be sent to: a connection outside a transaction, or a transaction.
///
/// A statement ends with `CancellationError` when its task is cancelled, with `deadline` when its time is up; the server stops it in both cases.
public protocol SQLSession: Sendable {
    var channel: SessionChannel { get }
}

extension SQLSession {
    /// One statement with its binds `$1`, `$2`, …; prepared once per connection.
    ///
    /// - Parameter timeout: nil for the configuration's `statementTimeout`.
    public func query(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Rows {
        try await channel.perform { try await $0.run(sql, parameters, timeout: timeout, $1, $2).rows }
    }

    /// - Throws: `unexpectedRowCount` unless there is exactly one row.
    public func queryOne(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Row {
        let rows = try await query(sql, parameters, timeout: timeout)
        guard rows.count == 1, let row = rows.first else {
            throw PostgreSQLError(.unexpectedRowCount, "\(rows.count) rows where one was expected").on(statement: sql)
        }
        return row
    }

    /// The first row, or nil if there is none.
    public func queryFirst(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Row? {
        try await query(sql, parameters, timeout: timeout).first
    }

    /// - Returns: how many rows were inserted, updated, deleted or selected.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [Parameter] = [], timeout: Duration? = nil) async throws -> Int {
        try await channel.perform { try await $0.run(sql, parameters, timeout: timeout, $1, $2).affectedRows }
    }

    /// Several statements separated by semicolons, without binds or results, as one implicit transaction unless they say otherwise. For migrations.
    ///
    /// - Parameter timeout: nil for none.
    public func script(_ sql: String, timeout: Duration? = nil) async throws {
        try await channel.perform { try await $0.runScript(sql, timeout: timeout, $1, $2) }
    }

    /// Loads rows with COPY. All or none are stored.
    ///
    /// - Parameters:
    ///   - table: as it stands in SQL, quoted and qualified by the caller where that is needed.
    ///   - columns: plain names; quoted here.
    ///   - timeout: for the whole of it; nil for none.
    /// - Returns: how many rows were stored.
    @discardableResult
    public func copy(
        into table: String, columns: [String], timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (inout CopyWriter) async throws -> Void
    ) async throws -> Int {
        let names = columns.map(SQLText.identifier).joined(separator: ", ")
        let sql = "COPY \(table) (\(names)) FROM STDIN (FORMAT binary)"
        let channel = channel
        try await channel.perform { try await $0.beginCopy(sql, timeout: timeout, $1, $2) }
        do {
            var writer = CopyWriter(columnCount: columns.count) { bytes in
                try await channel.perform { try await $0.sendCopyData(bytes, $1, $2) }
            }
            try await body(&writer)
            try await writer.finish()
            return try await channel.perform { try await $0.endCopy($1, $2) }
        } catch {
            let refusal = await channel.backend.abandonCopy(channel.access)
            throw refusal?.on(statement: sql) ?? error
        }
    }
}

enum SQLText {
    /// A name in double quotes.
    static func identifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
