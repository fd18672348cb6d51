import ArgumentParser
import FleetModel
import Foundation
import Ledger

/// What retry, discard and restore have in common: a filter, a count beforehand, any number of tasks in the server, and a sentence on what was done.
struct FailureChangeOptions: ParsableArguments {
    @Argument(help: "Tasks by their numbers.") var tasks: [Int64] = []
    @OptionGroup var which: FailureOptions
    @Flag(help: "Every failure there is, where no filter is given.") var all = false
    @Flag(help: "Count, and change nothing.") var dryRun = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard which.failureClass != .filtered else {
            throw ValidationError("filtered clips are no failures: they end the same each time. To judge them otherwise, submit a job with another recipe")
        }
        if tasks.isEmpty, which.filter().isEverything, !all {
            throw ValidationError("without a filter this would take every failure there is: name tasks, --stage, --code, --class, --job, --since or --until, or say --all")
        }
        if all, !(tasks.isEmpty && which.filter().isEverything) { throw ValidationError("--all takes every failure, and a filter only some: give one of them") }
    }

    func filter(discarded: FailureFilter.Discarded) -> FailureFilter {
        var filter = which.filter(discarded: discarded)
        if !tasks.isEmpty { filter.tasks = tasks }
        return filter
    }

    private struct Report: Encodable {
        var action: String
        var tasks: Int
        var dry_run: Bool
    }

    /// - Parameters:
    ///   - change: the work, with a place to tell how far it is.
    ///   - words: what is, or would be, so: "run again".
    func perform(_ action: String, _ words: String, _ ledger: Ledger, _ filter: FailureFilter,
                 _ change: (_ dryRun: Bool, _ progress: @escaping @Sendable (Int) -> Void) async throws -> Int) async throws {
        let total = dryRun ? 0 : try await ledger.failureTotal(filter)
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let display = Task {
            var display = ProgressDisplay()
            var last: [ProgressDisplay.Line] = []
            for await done in stream where total > 10_000 {
                last = [ProgressDisplay.Line(label: action, done: done, total: total, note: "")]
                display.show(last)
            }
            if !last.isEmpty { display.finish(last) }
        }
        defer { continuation.finish() }
        let count = try await change(dryRun) { continuation.yield($0) }
        continuation.finish()
        await display.value
        if json { return try FailuresCommand.printJSON(Report(action: action, tasks: count, dry_run: dryRun)) }
        let verb = dryRun ? "would be" : count == 1 ? "is" : "are"
        print("\(count.grouped) failed task\(count == 1 ? "" : "s")\(which.words) \(verb) \(words).")
    }
}

struct FailuresRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Run failed tasks again, any number of them.",
        discussion: "Their attempts count from nought; jobs that had finished run again.\n\nExamples:\n  mvfleet failures retry --code source.gone --dry-run\n  mvfleet failures retry --job 12 --class retryable\n  mvfleet failures retry --discarded --stage frames")

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: FailureChangeOptions
    @Flag(help: "Those that were put aside, and only those.") var discarded = false

    func run() async throws {
        let ledger = try await FleetSetup.open(common, role: "failures", connections: 2).ledger
        let filter = options.filter(discarded: discarded ? .only : .excluded)
        try await options.perform("retry", "run again", ledger, filter) { try await ledger.retryFailures(filter, dryRun: $0, progress: $1) }
    }
}

struct FailuresDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Put failed tasks aside: they stay failed, and are listed and run again only when asked for.",
        discussion: "A job shows them apart from its failures. 'failures restore' takes it back.\n\nExamples:\n  mvfleet failures discard --code video.no_stream --dry-run\n  mvfleet failures discard --job 12 --class poison")

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: FailureChangeOptions

    func run() async throws {
        let ledger = try await FleetSetup.open(common, role: "failures", connections: 2).ledger
        let filter = options.filter(discarded: .excluded)
        try await options.perform("discard", "discarded", ledger, filter) { try await ledger.discardFailures(filter, dryRun: $0, progress: $1) }
    }
}

struct FailuresRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Take back a discard: the tasks are failures like others again.",
        discussion: "Examples:\n  mvfleet failures restore --code video.no_stream\n  mvfleet failures restore 4711 4712")

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: FailureChangeOptions

    func run() async throws {
        let ledger = try await FleetSetup.open(common, role: "failures", connections: 2).ledger
        let filter = options.filter(discarded: .only)
        try await options.perform("restore", "restored", ledger, filter) { try await ledger.restoreFailures(filter, dryRun: $0, progress: $1) }
    }
}
