import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL

/// Takes a backup of a ledger while the fleet runs: the ledger itself, a list of the blobs that its results refer to, and the blobs where that is asked for; all of
/// one snapshot.
public struct LedgerBackup: Sendable {
    public enum Progress: Sendable {
        case dumped(bytes: Int)
        case blobs(done: Int)
    }

    private let ledger: Ledger
    private let database: ConnectionConfiguration
    private let blobs: BlobStore

    public init(ledger: Ledger, database: ConnectionConfiguration, blobs: BlobStore) {
        self.ledger = ledger
        self.database = database
        self.blobs = blobs
    }

    /// - Parameters:
    ///   - directory: is made, and gets its name when all is in it; must not be there yet.
    ///   - withBlobs: links blobs into the backup where it lies on their file system, and copies them otherwise.
    public func write(to directory: String, withBlobs: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> BackupManifest {
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw FleetError("backup.exists", "\(directory) is there already, and a backup is never written over: name another, or remove it")
        }
        let unfinished = "\(directory).unfinished-\(UUID().uuidString.prefix(8).lowercased())"
        do {
            try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw FleetError("backup.write", "\(unfinished) cannot be made: check that this user may write there", cause: error)
        }
        do {
            let manifest = try await ledger.withBackupSnapshot { snapshot in
                async let dumped: Void = dump(snapshot, to: unfinished + "/ledger.dump") { progress(.dumped(bytes: $0)) }
                var manifest = try await listBlobs(snapshot, in: unfinished, withBlobs: withBlobs) { progress(.blobs(done: $0)) }
                try await dumped
                manifest.dump = try BackupManifest.describe("ledger.dump", in: unfinished)
                return manifest
            }
            try manifest.write(unfinished)
            guard rename(unfinished, directory) == 0 else {
                throw FleetError("backup.write", "\(unfinished) cannot be renamed to \(directory): \(String(cString: strerror(errno)))")
            }
            return manifest
        } catch {
            try? FileManager.default.removeItem(atPath: unfinished)
            throw error
        }
    }

    private func dump(_ snapshot: BackupSnapshot, to file: String, progress: @escaping @Sendable (Int) -> Void) async throws {
        try await PostgreSQLTools.find(serverMajor: snapshot.serverMajor).run("""
            exec "$1/pg_dump" --dbname="$2" --format=custom --compress=5 --snapshot="$4" --file="$3" \
                --no-owner --no-privileges --no-comments --no-publications --no-subscriptions --no-security-labels --no-tablespaces
            """, [file, snapshot.name], on: database, failing: "backup.dump", "pg_dump could not write \(file): check the disk, and that this role may read the ledger's tables") {
            progress(BlobStore.Status(file)?.size ?? 0)
        }
    }

    private func listBlobs(_ snapshot: BackupSnapshot, in directory: String, withBlobs: Bool, progress: (Int) -> Void) async throws -> BackupManifest {
        let name = "blobs.txt"
        guard FileManager.default.createFile(atPath: "\(directory)/\(name)", contents: nil) else { throw FleetError("backup.write", "\(directory)/\(name) cannot be written") }
        let list = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(directory)/\(name)"))
        let copies = BlobStore(directory: directory + "/blobs")
        var known = DigestSet(), bytes = 0, missing = 0
        try await snapshot.blobReferences { page in
            var lines = ""
            for reference in page where known.insert(reference.blob) {
                let status = BlobStore.Status(blobs.path(of: reference.blob))
                bytes += status?.size ?? 0
                missing += status == nil ? 1 : 0
                lines += "\(reference.blob) \(status.map { String($0.size) } ?? "missing")\n"
                if withBlobs, status != nil { try copies.adopt(reference.blob, from: blobs) }
            }
            try list.write(contentsOf: Data(lines.utf8))
            progress(known.count)
            try Task.checkCancellation()
        }
        try list.close()
        let file = try BackupManifest.describe(name, in: directory)
        return BackupManifest(madeAt: Date(), schemaVersion: snapshot.schemaVersion, epoch: snapshot.epoch, serverVersion: snapshot.serverVersion, jobs: snapshot.jobs,
                              dump: file, blobList: file, blobs: known.count, blobBytes: bytes, missingBlobs: missing, hasBlobs: withBlobs)
    }
}

extension BlobStore {
    /// Takes a blob of another store as it is, by a link where both lie on one file system.
    ///
    /// - Returns: whether it was not here yet.
    @discardableResult
    func adopt(_ blob: Digest, from other: BlobStore) throws(FleetError) -> Bool {
        let target = path(of: blob), source = other.path(of: blob)
        if FileManager.default.fileExists(atPath: target) { return false }
        do {
            try FileManager.default.createDirectory(atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            if link(source, target) == 0 || errno == EEXIST { return true }
            let temporary = "\(directory)/.incoming-\(UUID().uuidString)"
            try FileManager.default.copyItem(atPath: source, toPath: temporary)
            guard rename(temporary, target) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            return true
        } catch {
            throw FleetError("blob.write", "blob \(blob) could not be copied from \(other.directory) to \(directory): check that the disk has room and that the directory is writable", cause: error, isRetriable: true)
        }
    }
}
