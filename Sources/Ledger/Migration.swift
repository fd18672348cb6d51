import FleetModel

/// One numbered step of the schema, embedded in the binary. An applied one never changes.
public struct Migration: Sendable {
    public let version: Int
    public let name: String
    public let sql: String

    public init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// SHA-256 of the text, kept with the applied migration.
    public var checksum: String { Digest.of(sql).hex }

    /// All that this binary knows, ascending from 1. A new one is a file in `migrations/`, a resource in the manifest, and a line here
    /// (the generated name of a resource has an underscore in place of its first digit).
    public static let all: [Migration] = [
        Migration(version: 1, name: "ledger", sql: String(decoding: PackageResources._001_ledger_sql, as: UTF8.self)),
        Migration(version: 2, name: "control", sql: String(decoding: PackageResources._002_control_sql, as: UTF8.self)),
        Migration(version: 3, name: "ops", sql: String(decoding: PackageResources._003_ops_sql, as: UTF8.self)),
        Migration(version: 4, name: "worker_version", sql: String(decoding: PackageResources._004_worker_version_sql, as: UTF8.self)),
        Migration(version: 5, name: "wide_job_partitions", sql: String(decoding: PackageResources._005_wide_job_partitions_sql, as: UTF8.self)),
        Migration(version: 6, name: "dispatch_hindrance", sql: String(decoding: PackageResources._006_dispatch_hindrance_sql, as: UTF8.self)),
        Migration(version: 7, name: "language_models", sql: String(decoding: PackageResources._007_language_models_sql, as: UTF8.self)),
    ]
}
