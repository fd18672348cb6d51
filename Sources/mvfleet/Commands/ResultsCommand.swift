import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger

struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Results that are no good: have them made again.",
        discussion: "Examples:\n  mvfleet results invalidate --stage frame-captions --since 2h --dry-run\n  mvfleet results missing --rerun\n  mvfleet results recipes",
        subcommands: [InvalidateCommand.self, MissingCommand.self, RecipesCommand.self])

    /// What an invalidation did or would do.
    struct Report: Encodable {
        var named: Int
        var tasks: [String: Int]
        var jobs: [String]
        var rerun: Bool
        var dry_run: Bool

        init(_ report: InvalidationReport, rerun: Bool, dryRun: Bool) {
            named = report.named
            tasks = Dictionary(uniqueKeysWithValues: report.tasks.map { ($0.key.rawValue, $0.value) })
            jobs = report.jobs.map(\.description)
            self.rerun = rerun
            dry_run = dryRun
        }

        func rendered() -> String {
            if named == 0 { return "No result is meant by that." }
            var table = TextTable([("STAGE", .left), ("TASKS", .right)])
            for (stage, count) in tasks.sorted(by: { $0.key < $1.key }) { table.add([stage, count.grouped]) }
            var text = "\(named.grouped) results \(dry_run ? "are meant" : "are gone"); with all that was made from them, so many tasks \(dry_run ? "would run" : "are to run") again:\n" + table.rendered()
            let some = jobs.prefix(20).joined(separator: ", ") + (jobs.count > 20 ? " and \((jobs.count - 20).grouped) more" : "")
            if jobs.isEmpty {
                text += "\nNo ended job had any of it."
            } else if dry_run {
                text += "\nEnded jobs that had any of it: \(some)."
            } else {
                text += rerun ? "\nJobs that had ended and run again: \(some)."
                    : "\nJobs that had ended and are paused now: \(some). Resume one (mvfleet job \(jobs[0]) resume), or submit anew."
            }
            return text
        }
    }
}

extension ResultsCommand {
    struct InvalidateCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invalidate", abstract: "Have results made again, with all that was made from them.",
            discussion: """
                For results of a bad model, a bad file or a fallback that should not have answered. Stop the workers that write them first. Deleted results are found by no
                job; jobs that share the work run it again at once, ended ones with --rerun or when they are resumed.

                Examples:
                  mvfleet results invalidate --stage frame-captions --since 2h --dry-run
                  mvfleet results invalidate --stage description --degraded --since 2026-11-20 --rerun
                  mvfleet results invalidate --recipe 3fa94c01 --since 7d
                """)

        @OptionGroup var common: CommonOptions
        @Option(help: "Results of this stage.") var stage: StageName?
        @Option(help: "Of this version of the stage.") var version: Int?
        @Option(help: ArgumentHelp("Of the recipe whose digest begins so; 'mvfleet results recipes' lists them.", valueName: "hex")) var recipe: String?
        @Option(help: ArgumentHelp("Written since: 2026-11-20, 2026-11-20T14:30:00Z, or 2h, 3d ago.", valueName: "time")) var since: PastTime
        @Option(help: ArgumentHelp("Written before. Default: now.", valueName: "time")) var until: PastTime?
        @Flag(help: "Only what a fallback made.") var degraded = false
        @Flag(help: "Ended jobs that had them run at once.") var rerun = false
        @Flag(help: "Count, and change nothing.") var dryRun = false
        @Flag(help: "One JSON object.") var json = false

        func validate() throws {
            if stage == nil, recipe == nil { throw ValidationError("whose results? Name --stage or --recipe") }
            if let version, version < 1 { throw ValidationError("--version is \(version): give 1 or more") }
            if let recipe, !(6...64).contains(recipe.count) || !recipe.allSatisfy(\.isHexDigit) {
                throw ValidationError("--recipe is '\(recipe)': give its first 6 to 64 hexadecimal digits")
            }
            if let until, until.date <= since.date { throw ValidationError("--until is not after --since: no result is between them") }
        }

        func run() async throws {
            let setup = try await FleetSetup.open(common, role: "results", connections: 2)
            var filter = ResultFilter()
            filter.stage = stage
            filter.version = version
            filter.recipe = recipe?.lowercased()
            filter.since = since.date
            filter.until = until?.date
            filter.degradedOnly = degraded
            if dryRun { return try show(try await setup.ledger.countInvalid(filter)) }
            let reporter = ProgressReporter()
            let report = try await setup.ledger.invalidate(filter, rerun: rerun) {
                reporter.show(.init(label: "invalidated", done: $0.named, total: $0.named, note: "\($0.tasks.values.reduce(0, +).grouped) tasks"))
            }
            reporter.finish()
            try show(report)
        }

        private func show(_ report: InvalidationReport) throws {
            let report = Report(report, rerun: rerun, dryRun: dryRun)
            if json { try Self.printJSON(report) } else { print(report.rendered()) }
        }
    }

    struct MissingCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "missing", abstract: "Find results whose blobs are lost, and have them made again.",
            discussion: "Looks for every blob that a result refers to in this machine's data directory.\n\nExamples:\n  mvfleet results missing\n  mvfleet results missing --rerun")

        @OptionGroup var common: CommonOptions
        @Flag(help: "Make those results again, with all that was made from them; ended jobs that had them run again.") var rerun = false
        @Flag(help: "One JSON object.") var json = false

        private struct Found: Encodable {
            var missing_blobs: Int
            var results: Int
            var invalidated: Report?
        }

        func run() async throws {
            let setup = try await FleetSetup.open(common, role: "results", connections: 2)
            let reporter = ProgressReporter(), directory = setup.configuration.blobDirectory
            let missing = try await MissingBlobs.find(in: setup.ledger, BlobStore(directory: directory)) {
                reporter.show(.init(label: "looked up", done: $0, total: $0, note: ""))
            }
            reporter.finish()
            var report: Report?
            if rerun { report = Report(try await setup.ledger.invalidate(tasks: missing.tasks, because: "blobs are lost", rerun: true), rerun: true, dryRun: false) }
            if json { return try Self.printJSON(Found(missing_blobs: missing.blobs, results: missing.tasks.count, invalidated: report)) }
            print(missing.blobs == 0 ? "Every blob that a result refers to is in \(directory)."
                : "\(missing.blobs.grouped) blobs of \(missing.tasks.count.grouped) results are not in \(directory)." + (rerun ? "" : " --rerun makes them again."))
            if missing.blobs > 0, let report { print(report.rendered()) }
        }
    }

    struct RecipesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "recipes", abstract: "List the recipes that jobs ever used, with their results.",
                                                        discussion: "Example: mvfleet results recipes --json")

        @OptionGroup var common: CommonOptions
        @Flag(help: "One JSON object a recipe.") var json = false

        private struct Row: Encodable {
            var stage: String
            var version: Int
            var digest: String
            var results: Int
            var degraded: Int
            var first_at: Date?
            var last_at: Date?
            var settings: String
        }

        func run() async throws {
            let setup = try await FleetSetup.open(common, role: "results", connections: 1)
            let rows = try await setup.ledger.recipes().map {
                Row(stage: $0.recipe.stage.rawValue, version: $0.recipe.version, digest: $0.recipe.digest.hex, results: $0.results, degraded: $0.degraded, first_at: $0.firstAt,
                    last_at: $0.lastAt, settings: $0.recipe.settings)
            }
            if json { return try rows.forEach(Self.printJSON) }
            var table = TextTable([("STAGE", .left), ("VERSION", .right), ("DIGEST", .left), ("RESULTS", .right), ("DEGRADED", .right), ("FIRST", .left), ("LAST", .left), ("SETTINGS", .left)])
            for row in rows {
                table.add([row.stage, "\(row.version)", String(row.digest.prefix(12)), row.results.grouped, row.degraded.grouped, row.first_at?.ISO8601Format() ?? "-",
                           row.last_at?.ISO8601Format() ?? "-", String(row.settings.prefix(60))])
            }
            print(rows.isEmpty ? "No job has used a recipe yet." : table.rendered())
        }
    }
}
