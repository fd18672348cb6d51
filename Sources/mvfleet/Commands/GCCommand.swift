import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger

struct GCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Collect what no job needs: results, tasks, answers of language models, old versions of clips, blobs.",
        discussion: """
            Only what belongs to deleted jobs goes, and only once they have been deleted for the grace time; a job submitted before that reuses it. Blobs of this
            machine's data directory go when no result refers to them and they are older than the grace time, two hours at least. Safe while the fleet runs, and after a kill.

            Examples:
              mvfleet gc --dry-run
              mvfleet gc --keep-jobs 20              (deletes all ended jobs but the newest 20, to be collected in 7 days)
              mvfleet gc --delete-job 12 --grace 0s  (at once)
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("Delete all ended jobs but the newest so many first.", valueName: "n")) var keepJobs: Int?
    @Option(name: .customLong("delete-job"), help: ArgumentHelp("Delete this ended job first. Can be given several times.", valueName: "id")) var deleteJobs: [JobID] = []
    @Option(help: ArgumentHelp("For how long deleted jobs, and blobs that nobody refers to, are kept: 90s, 30m, 12h, 7d.", valueName: "time")) var grace = Period(.seconds(7 * 86_400))
    @Flag(help: "Leave the blobs of this machine alone.") var noBlobs = false
    @Flag(help: "Go on although the ledger knows not one of this machine's blobs.") var foreignBlobs = false
    @Flag(help: "Count, and remove nothing.") var dryRun = false
    @Flag(help: "One JSON object.") var json = false

    /// Older than any work whose blobs are written and whose result is not: an attempt's time limit is below an hour.
    private static let leastGraceOfBlobs: Duration = .seconds(7_200)

    func validate() throws {
        if let keepJobs, keepJobs < 0 { throw ValidationError("--keep-jobs is \(keepJobs): give 0 or more") }
        if dryRun, !deleteJobs.isEmpty || keepJobs != nil { throw ValidationError("--dry-run removes nothing, and so does not delete jobs first: leave out --delete-job and --keep-jobs") }
    }

    private struct Report: Encodable {
        var dry_run: Bool
        var jobs_deleted: [String]
        var jobs: Int
        var tasks: Int
        var results: Int
        var result_bytes: Int
        var clip_versions: Int
        var answers: Int
        var blobs: Int
        var blob_bytes: Int
        var blobs_kept: Int
        var blobs_young: Int
    }

    func run() async throws {
        // One connection holds the lock meanwhile.
        let setup = try await FleetSetup.open(common, role: "gc", connections: 3)
        let reporter = ProgressReporter()
        let report = try await setup.ledger.withCollectionLock { try await collect(setup, reporter) }
        reporter.finish()
        if json { return try Self.printJSON(report) }
        if !report.jobs_deleted.isEmpty { print("Deleted jobs: \(report.jobs_deleted.joined(separator: ", ")).") }
        var table = TextTable([(dryRun ? "WOULD GO" : "GONE", .left), ("", .right), ("BYTES", .right)])
        table.add(["deleted jobs", report.jobs.grouped, ""])
        table.add(["tasks", report.tasks.grouped, ""])
        table.add(["results", report.results.grouped, report.result_bytes.bytes])
        table.add(["versions of clips", report.clip_versions.grouped, ""])
        table.add(["answers of language models", report.answers.grouped, ""])
        table.add(["blobs", report.blobs.grouped, report.blob_bytes.bytes])
        print(table.rendered())
        if report.blobs_young > 0 { print("\(report.blobs_young.grouped) more blobs are referred to by nothing, and too young to go.") }
    }

    private func collect(_ setup: FleetSetup, _ reporter: ProgressReporter) async throws -> Report {
        var doomed = deleteJobs
        if let keepJobs { doomed += try await setup.ledger.endedJobs(exceptNewest: keepJobs).filter { !doomed.contains($0) } }
        for job in doomed { try await setup.ledger.deleteJob(job) }
        let ledger = try await setup.ledger.collect(grace: grace.duration, dryRun: dryRun) {
            reporter.show(.init(label: $0.step.rawValue, done: $0.done, total: $0.total, note: ""))
        }
        let blobs = noBlobs ? BlobStore.CollectionReport() : try await collectBlobs(setup, reporter)
        return Report(dry_run: dryRun, jobs_deleted: doomed.map(\.description), jobs: ledger.jobs, tasks: ledger.tasks, results: ledger.results, result_bytes: ledger.resultBytes,
                      clip_versions: ledger.clipVersions, answers: ledger.answers, blobs: blobs.removed, blob_bytes: blobs.removedBytes, blobs_kept: blobs.kept, blobs_young: blobs.young)
    }

    private func collectBlobs(_ setup: FleetSetup, _ reporter: ProgressReporter) async throws -> BlobStore.CollectionReport {
        let store = BlobStore(directory: setup.configuration.blobDirectory)
        // The time first: what is written while the marks are taken is younger.
        let limit = Date(timeIntervalSinceNow: -Double(max(grace.duration, Self.leastGraceOfBlobs).components.seconds))
        var marks = BlobMarks()
        try await setup.ledger.blobReferences(ignoringDeletedFor: dryRun ? grace.duration : nil) { page in
            for reference in page { marks.insert(reference.blob) }
            reporter.show(.init(label: "blobs in use", done: marks.count, total: marks.count, note: ""))
        }
        let found = try store.collect(keeping: marks, datedBefore: limit, dryRun: true)
        if found.kept == 0, found.removed > 0, !foreignBlobs {
            throw FleetError("gc.foreign_blobs", """
                \(found.removed.grouped) blobs in \(store.directory) could go, and the ledger refers to none that is there: do they belong to another ledger? \
                Look at --data-dir and MVFLEET_DATABASE_URL; --no-blobs leaves them alone, --foreign-blobs removes them
                """)
        }
        if dryRun { return found }
        return try store.collect(keeping: marks, datedBefore: limit) { reporter.show(.init(label: "blob folders", done: $0, total: 256, note: "")) }
    }
}
