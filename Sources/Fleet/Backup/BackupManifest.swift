import FleetModel
import Foundation

/// What a backup holds: `manifest.json` of its directory, written last.
public struct BackupManifest: Codable, Sendable, Equatable {
    public struct File: Codable, Sendable, Equatable {
        public var name: String
        public var bytes: Int
        public var sha256: Digest
    }

    /// Of this layout.
    public static let format = 1
    public static let fileName = "manifest.json"

    public var format = BackupManifest.format
    public var madeAt: Date
    /// Of the ledger.
    public var schemaVersion: Int
    public var epoch: Int64
    /// Of PostgreSQL.
    public var serverVersion: String
    public var jobs: Int
    /// The ledger, as `pg_dump --format=custom` writes it.
    public var dump: File
    /// A line for each blob that a result refers to: its digest, a blank, and its size or `missing`.
    public var blobList: File
    public var blobs: Int
    public var blobBytes: Int
    /// Blobs that were not there when the backup was taken.
    public var missingBlobs: Int
    /// Whether the blobs themselves lie beside, in `blobs/`.
    public var hasBlobs: Bool

    /// - Parameter directory: a backup's.
    /// - Throws: `backup.none`, `backup.unknown`, or `backup.damaged` where a file is not as it was written.
    public static func read(_ directory: String) throws(FleetError) -> BackupManifest {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(fileName)") else {
            throw FleetError("backup.none", "\(directory) is no backup: it has no \(fileName); name the directory that 'mvfleet backup' printed")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let manifest: BackupManifest
        do { manifest = try decoder.decode(BackupManifest.self, from: data) } catch {
            throw FleetError("backup.unknown", "\(directory)/\(fileName) does not read: is it the work of another program, or damaged?", cause: error)
        }
        guard manifest.format == format else {
            throw FleetError("backup.unknown", "\(directory) has layout \(manifest.format), and this program knows \(format): restore it with the mvfleet that made it")
        }
        for file in [manifest.dump, manifest.blobList] {
            guard try describe(file.name, in: directory) == file else {
                throw FleetError("backup.damaged", "\(directory)/\(file.name) is not what was written there (its SHA-256 differs from the manifest's): use another copy of this backup")
            }
        }
        return manifest
    }

    func write(_ directory: String) throws(FleetError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: "\(directory)/\(BackupManifest.fileName)"))
        } catch {
            throw FleetError("backup.write", "\(directory)/\(BackupManifest.fileName) cannot be written: is the disk full?", cause: error)
        }
    }

    /// Reads a file to its end; it is on the disk afterwards.
    static func describe(_ name: String, in directory: String) throws(FleetError) -> File {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(directory)/\(name)"))
            defer { try? handle.close() }
            _ = fsync(handle.fileDescriptor)
            var hash = DigestBuilder(), bytes = 0
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                hash.update(piece)
                bytes += piece.count
            }
            return File(name: name, bytes: bytes, sha256: hash.finalize())
        } catch {
            throw FleetError("backup.damaged", "\(directory)/\(name) cannot be read: use another copy of this backup", cause: error)
        }
    }
}
