import FleetModel
import PostgreSQL

/// One snapshot of the ledger, for a backup: `pg_dump` reads it by its name while this process reads what the results in it refer to.
public struct BackupSnapshot: Sendable {
    /// For `pg_dump --snapshot`.
    public var name: String
    public var schemaVersion: Int
    public var epoch: Int64
    /// Such as `15.14 (Debian 15.14-0+deb12u1)`.
    public var serverVersion: String
    /// Such as 15.
    public var serverMajor: Int
    public var jobs: Int
    fileprivate let transaction: Transaction

    /// As ``Ledger/blobReferences(ignoringDeletedFor:_:)``, of this snapshot.
    public func blobReferences(_ body: (_ page: [BlobReference]) async throws -> Void) async throws {
        try await Ledger.blobReferences(transaction, body)
    }
}

extension Ledger {
    /// Holds a snapshot for the length of `body`, and keeps collections away, so that every blob the snapshot refers to can still be copied.
    ///
    /// - Throws: `collection.busy` where a collection is under way.
    public func withBackupSnapshot<Value: Sendable>(_ body: @Sendable (BackupSnapshot) async throws -> Value) async throws -> Value {
        try await requireSchema()
        return try await snapshot("hold a snapshot") { transaction in
            // It has nothing to say for as long as pg_dump takes.
            try await transaction.script("SET LOCAL idle_in_transaction_session_timeout = 0")
            guard try await transaction.queryOne("SELECT pg_try_advisory_xact_lock_shared(\(Self.collectionKey))").bool(0) else {
                throw FleetError("collection.busy", "a collection is under way: wait for its end", isRetriable: true)
            }
            let row = try await transaction.queryOne("""
                SELECT pg_export_snapshot() AS name, (SELECT max(version) FROM schema_migration) AS version, epoch, current_setting('server_version') AS server,
                       current_setting('server_version_num')::integer / 10000 AS major, (SELECT count(*) FROM job WHERE deleted_at IS NULL) AS jobs FROM ledger_state
                """)
            return try await body(BackupSnapshot(name: try row.text("name"), schemaVersion: try row.int("version"), epoch: try row.int64("epoch"),
                                                 serverVersion: try row.text("server"), serverMajor: try row.int("major"), jobs: try row.int("jobs"), transaction: transaction))
        }
    }
}
