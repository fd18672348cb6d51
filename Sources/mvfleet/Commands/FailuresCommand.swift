import ArgumentParser
import FleetModel
import Foundation
import Ledger

struct FailuresCommand: AsyncParsableCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable { case list, show, retry, discard }

    static let configuration = CommandConfiguration(
        commandName: "failures", abstract: "List, show, retry or discard tasks that failed for good, by filter.",
        discussion: "Examples:\n  mvfleet failures\n  mvfleet failures show --code video.no_stream\n  mvfleet failures retry --stage frames --code source.missing --dry-run")

    @OptionGroup var common: CommonOptions
    @Argument(help: "list (counts by code), show (one by one), retry or discard.") var action: Action = .list
    @Option(help: "Only this stage.") var stage: StageName?
    @Option(help: "Only this error code.") var code: String?
    @Option(help: "Only tasks of this job.") var job: JobID?
    @Option(help: "With show: at most so many.") var limit = 100
    @Flag(help: "With retry and discard: count, and change nothing.") var dryRun = false
    @Flag(help: "With retry and discard: every failure there is, where no filter is given.") var all = false
    @Flag(help: "JSON, one object a line.") var json = false

    func validate() throws {
        if !(1...100_000).contains(limit) { throw ValidationError("--limit is \(limit): give 1 to 100,000") }
        if [.retry, .discard].contains(action), stage == nil, code == nil, job == nil, !all {
            throw ValidationError("'failures \(action.rawValue)' without a filter would take every failure there is: name --stage, --code or --job, or say --all")
        }
    }

    private struct Group: Encodable {
        var stage: String
        var code: String
        var count: Int
        var example: String
    }

    private struct Item: Encodable {
        var task: Int64
        var stage: String
        var clip: String
        var code: String
        var message: String
        var attempts: Int
    }

    private struct Changed: Encodable {
        var action: String
        var tasks: Int
        var dry_run: Bool
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "failures", connections: 2)
        var filter = FailureFilter()
        filter.stage = stage
        filter.code = code.map(FleetError.Code.init(rawValue:))
        filter.job = job
        switch action {
        case .list:
            let groups = try await setup.ledger.failureCounts(filter).map { Group(stage: $0.stage.rawValue, code: $0.code.rawValue, count: $0.count, example: $0.example) }
            if json { return try groups.forEach(Self.printJSON) }
            var table = TextTable([("STAGE", .left), ("CODE", .left), ("TASKS", .right), ("FOR EXAMPLE", .left)])
            for group in groups { table.add([group.stage, group.code, group.count.grouped, group.example]) }
            print(groups.isEmpty ? "Nothing has failed." : table.rendered())
        case .show:
            let items = try await setup.ledger.failures(filter, limit: limit).map {
                Item(task: $0.task, stage: $0.stage.rawValue, clip: $0.clipKey, code: $0.error.code.rawValue, message: $0.error.description, attempts: $0.attempts)
            }
            if json { return try items.forEach(Self.printJSON) }
            var table = TextTable([("TASK", .right), ("STAGE", .left), ("CLIP", .left), ("ATTEMPTS", .right), ("ERROR", .left)])
            for item in items { table.add(["\(item.task)", item.stage, item.clip, "\(item.attempts)", item.message]) }
            print(items.isEmpty ? "Nothing has failed." : table.rendered())
        case .retry, .discard:
            let count = action == .retry ? try await setup.ledger.retryFailures(filter, dryRun: dryRun) : try await setup.ledger.discardFailures(filter, dryRun: dryRun)
            if json { return try Self.printJSON(Changed(action: action.rawValue, tasks: count, dry_run: dryRun)) }
            print("\(count.grouped) tasks \(dryRun ? "would be" : "are") \(action == .retry ? "run again" : "discarded").")
        }
    }
}
