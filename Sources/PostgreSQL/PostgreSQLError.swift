/// The one shape of an error of this module. The message names the thing, the cause, and what to do. It never holds a password or a bound value.
public struct PostgreSQLError: Error, Hashable, Sendable {
    public var code: Code
    public var message: String
    /// What lay beneath, in its own words.
    public var cause: String?
    /// The same work, done again from its start, may succeed.
    public var isRetriable: Bool

    /// The server's own report, where there is one.
    public var sqlState: SQLState?
    public var constraint: String?
    public var table: String?
    public var column: String?
    public var detail: String?
    public var hint: String?
    /// One-based index, in characters, of the fault in the statement's text.
    public var position: Int?
    /// The beginning of the statement, white space folded.
    public var statement: String?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil, isRetriable: Bool = false, sqlState: SQLState? = nil) {
        self.code = code
        self.message = message
        self.cause = cause.map { String(describing: $0) }
        self.isRetriable = isRetriable
        self.sqlState = sqlState
    }
}

extension PostgreSQLError {
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }
    }
}

extension PostgreSQLError.Code {
    /// The server refused the statement; `sqlState` says why.
    public static let statement = Self(rawValue: "postgres.statement")
    /// Nobody listens at the address.
    public static let connectionRefused = Self(rawValue: "postgres.connection_refused")
    public static let hostNotFound = Self(rawValue: "postgres.host_not_found")
    /// User, password or the server's `pg_hba.conf` is wrong.
    public static let authentication = Self(rawValue: "postgres.authentication")
    public static let databaseNotFound = Self(rawValue: "postgres.database_not_found")
    public static let tls = Self(rawValue: "postgres.tls")
    public static let connectTimeout = Self(rawValue: "postgres.connect_timeout")
    /// The server is there and takes no session now: starting, stopping, or full.
    public static let serverUnavailable = Self(rawValue: "postgres.server_unavailable")
    public static let connectionLost = Self(rawValue: "postgres.connection_lost")
    /// The connection went while COMMIT was on its way: the transaction may or may not be in the database.
    public static let commitOutcomeUnknown = Self(rawValue: "postgres.commit_outcome_unknown")
    /// The transaction had failed before its COMMIT, and was rolled back.
    public static let transactionAborted = Self(rawValue: "postgres.transaction_aborted")
    public static let deadline = Self(rawValue: "postgres.deadline")
    /// Every connection was lent for as long as the pool lets a borrower wait, or too many wait already.
    public static let poolExhausted = Self(rawValue: "postgres.pool_exhausted")
    public static let closed = Self(rawValue: "postgres.closed")
    /// A programmer's mistake that cannot be told by types.
    public static let misuse = Self(rawValue: "postgres.misuse")
    public static let encoding = Self(rawValue: "postgres.encoding")
    public static let decoding = Self(rawValue: "postgres.decoding")
    public static let unexpectedRowCount = Self(rawValue: "postgres.unexpected_row_count")
    public static let configuration = Self(rawValue: "postgres.configuration")
    /// The operating system gave no thread or descriptor.
    public static let resources = Self(rawValue: "postgres.resources")
}

extension PostgreSQLError: CustomStringConvertible {
    public var description: String {
        var notes = [code.rawValue]
        if let sqlState { notes.append("SQLSTATE \(sqlState)") }
        if let constraint { notes.append("constraint \(constraint)") }
        if let detail { notes.append(detail) }
        if let hint { notes.append("hint: \(hint)") }
        if let statement { notes.append("in: \(statement)") }
        if let cause { notes.append(cause) }
        return "\(message) (\(notes.joined(separator: "; ")))"
    }
}

extension PostgreSQLError {
    /// The connection no longer serves; a pool replaces it.
    public var endsConnection: Bool {
        code == .connectionLost || code == .commitOutcomeUnknown || code == .closed || (sqlState?.endsSession ?? false)
    }

    func retriable() -> PostgreSQLError {
        var copy = self
        copy.isRetriable = true
        return copy
    }

    func on(statement sql: String) -> PostgreSQLError {
        var copy = self
        let folded = sql.prefix(400).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        copy.statement = folded.count > 120 ? folded.prefix(120) + "…" : folded
        return copy
    }
}
