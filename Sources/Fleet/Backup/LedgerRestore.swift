import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import RabbitMQ

/// Puts a backup in the place of a ledger, and begins a new life with it: what was sent, leased or read before is refused, and runs again.
public struct LedgerRestore: Sendable {
    public struct Report: Sendable {
        public var manifest: BackupManifest
        public var epoch: Int64
        /// Migrations that brought an older backup up to this program.
        public var migrated: [Int]
        /// Messages that the broker's queues still held; nil where the broker could not be reached. They would be refused one by one.
        public var purged: Int?
        /// Blobs that came from the backup.
        public var blobsRestored: Int
        public var missing: MissingBlobs
    }

    private let ledger: Ledger
    private let database: PostgreSQL.ConnectionConfiguration
    private let amqp: RabbitMQ.ConnectionConfiguration
    private let catalogue: StageCatalogue
    private let blobs: BlobStore
    private let application: String
    private let logger: Logger

    /// - Parameter application: under which name this process is connected to the database.
    public init(ledger: Ledger, database: PostgreSQL.ConnectionConfiguration, amqp: RabbitMQ.ConnectionConfiguration, catalogue: StageCatalogue, blobs: BlobStore,
                application: String, logger: Logger) {
        self.ledger = ledger
        self.database = database
        self.amqp = amqp
        self.catalogue = catalogue
        self.blobs = blobs
        self.application = application
        self.logger = logger
    }

    /// In one transaction of the database: killed at any moment, it leaves the old ledger or the new one.
    ///
    /// - Parameters:
    ///   - replace: whether a ledger that is there may go.
    ///   - progress: what is being done now, in words.
    public func restore(from directory: String, replace: Bool, progress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Report {
        progress("checking \(directory)")
        let manifest = try BackupManifest.read(directory)
        guard manifest.schemaVersion <= Ledger.schemaVersion else {
            throw FleetError("backup.too_new", "the backup is of schema version \(manifest.schemaVersion), and this program knows \(Ledger.schemaVersion): restore it with the newer mvfleet")
        }
        let target = try await ledger.restoreTarget(application: application)
        try checkTarget(target, replace: replace)
        progress("restoring the ledger of \(manifest.madeAt.ISO8601Format())")
        try await replaceLedger(directory + "/" + manifest.dump.name, target)
        let migrated = try await ledger.migrate().applied
        let purged = await purge()
        progress("looking for blobs")
        let restored = manifest.hasBlobs ? try takeBlobs(directory, manifest.blobList.name) : 0
        let missing = try await MissingBlobs.find(in: ledger, blobs)
        return Report(manifest: manifest, epoch: try await ledger.epoch(), migrated: migrated, purged: purged, blobsRestored: restored, missing: missing)
    }

    private func checkTarget(_ target: RestoreTarget, replace: Bool) throws(FleetError) {
        if let version = target.schemaVersion {
            guard replace else {
                throw FleetError("restore.occupied", "\(database) holds a ledger, which a restore would take the place of: take a backup of it ('mvfleet backup'), then say --replace")
            }
            guard version <= Ledger.schemaVersion else {
                throw FleetError("restore.newer", "\(database) holds a ledger of schema version \(version), and this program knows \(Ledger.schemaVersion): restore with the newer mvfleet, or into an empty database")
            }
        }
        guard target.live.isEmpty else {
            throw FleetError("restore.live", "the fleet still uses \(database): \(target.live.joined(separator: ", ")). Stop workers and coordinators; one that was killed is forgotten a minute later",
                             isRetriable: true)
        }
    }

    /// A dump that breaks off ends in a statement that fails, so that nothing of it stays.
    private static let script = #"""
        { "$1/pg_restore" --file=- --no-owner --no-privileges --no-comments "$3" && cat "$5" || printf '\\.\nDO $$ BEGIN RAISE EXCEPTION %s; END $$;\n' "'the dump breaks off'"; } |
            "$1/psql" --no-psqlrc --quiet --single-transaction --set=ON_ERROR_STOP=1 --output=/dev/null --dbname="$2" --file="$4" --file=-
        """#

    private func replaceLedger(_ dump: String, _ target: RestoreTarget) async throws {
        let tools = try PostgreSQLTools.find(serverMajor: target.serverMajor), place = try ScratchDirectory()
        defer { place.remove() }
        let before = try place.file("before.sql", "SET client_min_messages = warning;\nSET idle_in_transaction_session_timeout = 0;\n" + Ledger.removalScript)
        let after = try place.file("after.sql", Ledger.newLifeScript(after: target.epoch))
        try await tools.run(Self.script, [dump, before, after], on: database, failing: "restore.failed",
                            "the backup could not be restored, and \(database) is as it was: see the cause")
    }

    /// Messages of the old life: for all stages that this program or the ledger knows.
    private func purge() async -> Int? {
        do {
            var queues = Set(Topology.fleet(catalogue).queues.map(\.name))
            for (stage, version) in try await ledger.knownQueues() {
                for lane in Lane.allCases { queues.insert(BrokerQueue(stage: stage, version: version, lane: lane).name) }
            }
            let publisher = try await Publisher.open(amqp, logger: logger)
            var purged = 0
            for queue in queues.sorted() {
                do {
                    purged += try await publisher.purge(queue: queue)
                } catch {
                    guard error.code == .notFound else { throw error }
                }
            }
            await publisher.close()
            return purged
        } catch {
            logger.warning("restore.purge_failed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func takeBlobs(_ directory: String, _ list: String) throws -> Int {
        let copies = BlobStore(directory: directory + "/blobs")
        var taken = 0
        guard let lines = FileManager.default.contents(atPath: "\(directory)/\(list)") else { return 0 }
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let blob = Digest(hex: String(decoding: line.prefix(64), as: UTF8.self)), BlobStore.Status(copies.path(of: blob)) != nil else { continue }
            if try blobs.adopt(blob, from: copies) { taken += 1 }
        }
        return taken
    }
}
