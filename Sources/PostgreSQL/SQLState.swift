/// A five-character SQLSTATE (PostgreSQL manual, appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The first two characters: the class of the condition, such as `23` for integrity violations.
    public var sqlClass: Substring { rawValue.prefix(2) }
    public var description: String { rawValue }
}

extension SQLState {
    public static let connectionException = SQLState("08000")
    /// Among others: a COPY field whose length does not match its column's type.
    public static let protocolViolation = SQLState("08P01")
    public static let featureNotSupported = SQLState("0A000")
    public static let notNullViolation = SQLState("23502")
    public static let foreignKeyViolation = SQLState("23503")
    public static let uniqueViolation = SQLState("23505")
    public static let checkViolation = SQLState("23514")
    public static let exclusionViolation = SQLState("23P01")
    public static let readOnlyTransaction = SQLState("25006")
    public static let idleInTransactionTimeout = SQLState("25P03")
    public static let transactionAborted = SQLState("25P02")
    public static let invalidBinaryRepresentation = SQLState("22P03")
    public static let invalidTextRepresentation = SQLState("22P02")
    public static let invalidStatementName = SQLState("26000")
    public static let invalidAuthorization = SQLState("28000")
    public static let invalidPassword = SQLState("28P01")
    public static let databaseNotFound = SQLState("3D000")
    public static let serializationFailure = SQLState("40001")
    public static let deadlockDetected = SQLState("40P01")
    public static let insufficientPrivilege = SQLState("42501")
    public static let syntaxError = SQLState("42601")
    public static let undefinedColumn = SQLState("42703")
    public static let undefinedFunction = SQLState("42883")
    public static let undefinedTable = SQLState("42P01")
    public static let duplicateTable = SQLState("42P07")
    public static let duplicateObject = SQLState("42710")
    public static let duplicateSchema = SQLState("42P06")
    public static let diskFull = SQLState("53100")
    public static let outOfMemory = SQLState("53200")
    public static let tooManyConnections = SQLState("53300")
    public static let lockNotAvailable = SQLState("55P03")
    public static let objectInUse = SQLState("55006")
    public static let queryCanceled = SQLState("57014")
    public static let adminShutdown = SQLState("57P01")
    public static let crashShutdown = SQLState("57P02")
    public static let cannotConnectNow = SQLState("57P03")
    public static let idleSessionTimeout = SQLState("57P05")
    public static let raiseException = SQLState("P0001")
}

extension SQLState {
    /// The same work, done again from its start, may succeed: the condition is the server's or a rival's, not the statement's.
    public var isRetriable: Bool {
        switch sqlClass {
        case "08": self != .protocolViolation
        case "40", "53": true
        default: [.lockNotAvailable, .adminShutdown, .crashShutdown, .cannotConnectNow, .idleInTransactionTimeout, .idleSessionTimeout, .readOnlyTransaction].contains(self)
        }
    }

    /// PostgreSQL has rolled the transaction back in favour of a rival: run it again at once.
    public var isTransactionConflict: Bool { self == .deadlockDetected || self == .serializationFailure }

    /// The server ended the session with this report; the connection is gone.
    var endsSession: Bool {
        [.adminShutdown, .crashShutdown, .cannotConnectNow, .idleInTransactionTimeout, .idleSessionTimeout].contains(self)
    }
}
