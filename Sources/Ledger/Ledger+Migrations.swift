import FleetModel
import PostgreSQL

public struct MigrationReport: Sendable, Equatable {
    /// Versions that this call applied, ascending.
    public var applied: [Int]
    /// The schema's version now.
    public var version: Int

    public init(applied: [Int], version: Int) {
        self.applied = applied
        self.version = version
    }
}

extension Ledger {
    /// The newest schema that this binary knows.
    public static var schemaVersion: Int { Migration.all.last?.version ?? 0 }

    /// The oldest schema that this binary works with. It stays behind `schemaVersion` while a rolling upgrade expands and then contracts.
    static let requiredSchemaVersion = 7

    /// Brings the schema to this binary's version. Repeating it does nothing; two at once take turns.
    public func migrate() async throws -> MigrationReport {
        try await migrate(migrations)
    }

    package func migrate(_ migrations: [Migration]) async throws -> MigrationReport {
        var applied: [Int] = []
        while let version = try await applyNext(of: migrations) { applied.append(version) }
        let version = try await transaction("read the schema's version") { try await Self.appliedMigrations($0).keys.max() ?? 0 }
        return MigrationReport(applied: applied, version: version)
    }

    /// Each migration is one transaction, so that what was reached stays when a later one fails.
    private func applyNext(of migrations: [Migration]) async throws -> Int? {
        try await transaction("migrate its schema") { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(hashtextextended('mvfleet migration', 0))", timeout: .seconds(3_600))
            try await transaction.execute("""
                CREATE TABLE IF NOT EXISTS schema_migration (
                    version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                """)
            let applied = try await Self.appliedMigrations(transaction)
            try Self.checkUnchanged(applied, migrations)
            guard let next = migrations.first(where: { applied[$0.version] == nil }) else { return nil }
            if let newest = applied.keys.max(), newest > next.version {
                throw FleetError("schema.out_of_order",
                                 "migration \(next.version) is not applied but \(newest) is: migrations go forward only, number the new one \(newest + 1)")
            }
            try await transaction.script(next.sql)
            try await transaction.execute("INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
                                          [.int32(Int32(next.version)), .text(next.name), .text(next.checksum)])
            return next.version
        }
    }

    /// Refuses a schema that this binary cannot work with, and says what to do.
    public func requireSchema() async throws {
        try await snapshot("check its schema") { transaction in
            guard try await transaction.queryOne("SELECT to_regclass('schema_migration') IS NOT NULL").bool(0) else {
                throw FleetError("schema.missing", "the database has no ledger: run `mvfleet migrate`")
            }
            let applied = try await Self.appliedMigrations(transaction)
            try Self.checkUnchanged(applied, migrations)
            let version = applied.keys.max() ?? 0
            guard version >= Self.requiredSchemaVersion else {
                throw FleetError("schema.too_old", """
                    the ledger's schema is version \(version), and this program needs at least \(Self.requiredSchemaVersion): run `mvfleet migrate` of this version
                    """)
            }
            let minimum = try await transaction.queryOne("SELECT minimum_client FROM ledger_state").int(0)
            guard minimum <= knownVersion else {
                throw FleetError("schema.too_new", """
                    the ledger's schema needs programs that know version \(minimum), and this one knows \(knownVersion): install the newer mvfleet here
                    """)
            }
        }
    }

    private static func appliedMigrations(_ session: some SQLSession) async throws -> [Int: String] {
        var applied: [Int: String] = [:]
        for row in try await session.query("SELECT version, checksum FROM schema_migration") {
            applied[try row.int(0)] = try row.text(1)
        }
        return applied
    }

    private static func checkUnchanged(_ applied: [Int: String], _ migrations: [Migration]) throws {
        for migration in migrations {
            if let checksum = applied[migration.version], checksum != migration.checksum {
                throw FleetError("schema.edited", """
                    migration \(migration.version) (\(migration.name)) was applied with checksum \(checksum) and is now \(migration.checksum): \
                    an applied migration never changes; restore its text and put the change into a new one
                    """)
            }
        }
    }
}
