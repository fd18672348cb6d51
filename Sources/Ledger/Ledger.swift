import FleetModel
import Logging
import PostgreSQL

/// The truth of the fleet, in PostgreSQL: what is to be done, who has it, and what came of it. Every change of state is fenced; the broker only carries hints.
///
/// Any number of processes may use one ledger at once. All times are the database's. Locks are taken in one order everywhere: what stands (see
/// `lockStanding`), `job` by id, rows of `running` and `delayed` by task, then `task` by (rank, id), then `ready` (skipping what a claim holds); a claim takes
/// `ready` rows alone, and waits for nobody while it has them.
///
/// Tables fill by a hundred thousand rows between two looks of the server's statistics, so statements that touch a batch leave it no choice: a lateral subquery with
/// `OFFSET 0` is answered row by row from an index, never by a join that reads a table whole.
public final class Ledger: Sendable {
    public let policy: LedgerPolicy
    let pool: ConnectionPool
    let logger: Logger
    /// In whose name changes are made, as `user@host`: the audit trail keeps it.
    public let principal: String
    let names = NameCache()
    /// The schema's steps that this program knows.
    let migrations: [Migration]

    public convenience init(pool: ConnectionPool, policy: LedgerPolicy = LedgerPolicy(), principal: String = "unknown", logger: Logger = Logger(label: "ledger")) {
        self.init(pool: pool, policy: policy, principal: principal, migrations: Migration.all, logger: logger)
    }

    /// - Parameter migrations: others than this program's own, as a test of two versions side by side needs them.
    package init(pool: ConnectionPool, policy: LedgerPolicy = LedgerPolicy(), principal: String = "unknown", migrations: [Migration], logger: Logger = Logger(label: "ledger")) {
        self.pool = pool
        self.policy = policy
        self.principal = principal
        self.migrations = migrations
        self.logger = logger
    }

    /// The newest schema that this program knows.
    var knownVersion: Int { migrations.last?.version ?? 0 }

    /// The channel on which a commit that made something ready says so, once.
    static let wakeUpChannel = "mvfleet_ready"

    /// A transaction that is run again when the server chose it as the victim of a deadlock.
    func transaction<Value: Sendable>(
        _ what: StaticString, _ options: TransactionOptions = TransactionOptions(), _ body: @Sendable (Transaction) async throws -> Value
    ) async throws -> Value {
        try await translated(what) { try await pool.withTransaction(options) { try await body($0) } }
    }

    /// Everything that one snapshot shows.
    func snapshot<Value: Sendable>(_ what: StaticString, _ body: @Sendable (Transaction) async throws -> Value) async throws -> Value {
        var options = TransactionOptions()
        options.isolation = .repeatableRead
        options.isReadOnly = true
        return try await transaction(what, options, body)
    }

    func query(_ what: StaticString, _ sql: String, _ parameters: [Parameter] = []) async throws -> Rows {
        try await translated(what) { try await pool.query(sql, parameters) }
    }

    /// Database errors in the fleet's one shape.
    func translated<Value>(_ what: StaticString, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgreSQLError {
            throw FleetError(error.sqlState == nil ? "ledger.unavailable" : "ledger.statement",
                             "the ledger could not \(what): \(error.message)", cause: error, isRetriable: error.isRetriable)
        }
    }
}
