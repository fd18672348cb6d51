import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Take a backup of the ledger, and of the blobs, while the fleet runs.",
        discussion: """
            A directory with the ledger (as pg_dump writes it), a list of the blobs that its results refer to, the blobs themselves with --with-blobs, and a manifest
            with checksums; all of one moment. 'mvfleet restore' reads it. The ledger wants a database of its own: whatever else is in the database is taken along.

            Examples:
              mvfleet backup --output /srv/backups                (makes /srv/backups/mvfleet-2026-11-20T140000Z)
              mvfleet backup --output /srv/backups/before-upgrade --with-blobs
            """)

    @OptionGroup var common: CommonOptions
    @Option(name: .shortAndLong, help: ArgumentHelp("Where it goes: a directory that is there gets a new one in it; any other is made.", valueName: "dir")) var output: String
    @Flag(help: "Take the blobs too: linked where the backup lies on their file system, copied otherwise.") var withBlobs = false
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var path: String
        var manifest: BackupManifest
        var seconds: Double
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "backup", connections: 2)
        let directory = try destination(), started = ContinuousClock.now, reporter = ProgressReporter()
        let backup = LedgerBackup(ledger: setup.ledger, database: setup.database, blobs: BlobStore(directory: setup.configuration.blobDirectory))
        let result: Result<BackupManifest, any Error>
        do {
            result = .success(try await backup.write(to: directory, withBlobs: withBlobs) { step in
                switch step {
                case .dumped(let bytes): reporter.show(.init(label: "ledger", done: bytes >> 20, total: bytes >> 20, note: bytes.bytes))
                case .blobs(let done): reporter.show(.init(label: "blobs", done: done, total: done, note: ""))
                }
            })
        } catch {
            result = .failure(error)
        }
        reporter.finish()
        let manifest = try result.get(), seconds = (ContinuousClock.now - started).seconds
        if json { return try Self.printJSON(Report(path: directory, manifest: manifest, seconds: seconds)) }
        print("\(directory): \(manifest.jobs.grouped) jobs, ledger \(manifest.dump.bytes.bytes), \(manifest.blobs.grouped) blobs (\(manifest.blobBytes.bytes)\(withBlobs ? "" : ", listed but not taken: --with-blobs takes them")), in \(seconds) s")
        if manifest.missingBlobs > 0 { print("\(manifest.missingBlobs.grouped) blobs are not in \(setup.configuration.blobDirectory): 'mvfleet results missing' tells whose, and makes them again") }
    }

    /// A directory that is not there yet.
    private func destination() throws -> String {
        let path = URL(fileURLWithPath: output).standardizedFileURL.path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return path }
        guard isDirectory.boolValue else { throw FleetError("backup.exists", "\(path) is a file, and a backup is a directory: name another") }
        return "\(path)/mvfleet-\(Date().ISO8601Format().replacing(":", with: ""))"
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the ledger, and begin a new life with it.",
        discussion: """
            Stop workers and coordinators first. One transaction: killed at any moment, it leaves the old ledger or the new one. An older backup is migrated. Messages,
            leases and stream cursors of before are refused from then on, and the broker's queues are emptied; what was under way runs again.

            Examples:
              mvfleet restore /srv/backups/mvfleet-2026-11-20T140000Z
              mvfleet restore /srv/backups/before-upgrade --replace --rerun-missing
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The directory that 'mvfleet backup' made.", valueName: "dir")) var backup: String
    @Flag(help: "Let a ledger that is there go.") var replace = false
    @Flag(help: "Make results again whose blobs are neither here nor in the backup; jobs that had them run again.") var rerunMissing = false
    @Flag(help: "One JSON object.") var json = false

    private struct Output: Encodable {
        var made_at: Date
        var epoch: Int64
        var migrated: [Int]
        var purged_messages: Int?
        var blobs_restored: Int
        var blobs_missing: Int
        var results_with_missing_blobs: Int
        var tasks_to_run_again: Int
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "restore", connections: 2)
        let restore = LedgerRestore(ledger: setup.ledger, database: setup.database, amqp: setup.amqp, catalogue: try .standard(),
                                    blobs: BlobStore(directory: setup.configuration.blobDirectory), application: "mvfleet restore", logger: setup.logger)
        let report = try await restore.restore(from: URL(fileURLWithPath: backup).standardizedFileURL.path, replace: replace) { step in
            FileHandle.standardError.write(Data("\(step)\n".utf8))
        }
        let missing = report.missing
        let again = rerunMissing ? try await setup.ledger.invalidate(tasks: missing.tasks, because: "blobs are lost", rerun: true).tasks.values.reduce(0, +) : 0
        if json {
            return try Self.printJSON(Output(made_at: report.manifest.madeAt, epoch: report.epoch, migrated: report.migrated, purged_messages: report.purged,
                                             blobs_restored: report.blobsRestored, blobs_missing: missing.blobs, results_with_missing_blobs: missing.tasks.count,
                                             tasks_to_run_again: again))
        }
        print("Restored the ledger of \(report.manifest.madeAt.ISO8601Format()), \(report.manifest.jobs.grouped) jobs; its epoch is now \(report.epoch).")
        if !report.migrated.isEmpty { print("Migrations applied: \(report.migrated.map(String.init).joined(separator: ", ")).") }
        print(report.purged.map { "\($0.grouped) messages of before were dropped." } ?? "The broker could not be reached; messages of before will be refused one by one.")
        if report.blobsRestored > 0 { print("\(report.blobsRestored.grouped) blobs came from the backup.") }
        if missing.blobs > 0 {
            print("\(missing.blobs.grouped) blobs of \(missing.tasks.count.grouped) results are missing: "
                + (rerunMissing ? "\(again.grouped) tasks run again." : "'mvfleet results missing --rerun' makes them again."))
        }
        print("Start coordinator and workers again.")
    }
}
