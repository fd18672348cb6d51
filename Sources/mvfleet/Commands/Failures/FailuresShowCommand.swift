import ArgumentParser
import FleetModel
import Foundation
import Ledger

struct FailuresShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show failures one by one, or the attempts of a task or of a clip's tasks.",
        discussion: "Examples:\n  mvfleet failures show --code video.no_stream --limit 20\n  mvfleet failures show 4711\n  mvfleet failures show --clip 0a1b2c3d4e5f6a7b --job 12")

    @OptionGroup var common: CommonOptions
    @Argument(help: "A task's number, as the list without it shows: its attempts are shown.") var task: Int64?
    @Option(help: ArgumentHelp("The attempts of this clip's tasks.", valueName: "id")) var clip: String?
    @OptionGroup var which: FailureOptions
    @Flag(help: "Only those that were put aside.") var discarded = false
    @Option(help: "At most so many failures.") var limit = 100
    @Option(help: ArgumentHelp("Only failures after this task, for the next page.", valueName: "task")) var after: Int64?
    @Flag(help: "JSON, one object a line.") var json = false

    func validate() throws {
        if !(1...100_000).contains(limit) { throw ValidationError("--limit is \(limit): give 1 to 100,000") }
        if task != nil || clip != nil {
            var filter = which.filter(discarded: discarded ? .only : .excluded)
            if clip != nil { filter.job = nil }
            if task != nil, clip != nil { throw ValidationError("a task and --clip are two questions: ask one of them") }
            if filter != FailureFilter() || after != nil { throw ValidationError("the attempts of a task or clip are shown whole: leave out the filters") }
        }
        if which.failureClass == .filtered { throw ValidationError("filtered clips are no failures: 'mvfleet failures list --class filtered' counts them, 'show --clip' shows one") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "failures", connections: 2)
        if let task {
            guard let history = try await setup.ledger.history(of: task) else {
                throw FleetError("task.unknown", "there is no task \(task): 'mvfleet failures show' lists the numbers of those that failed")
            }
            return try show([history])
        }
        if let clip {
            let histories = try await setup.ledger.histories(ofClip: clip, job: which.job)
            guard !histories.isEmpty else { return json ? () : print("No attempt at clip '\(TextTable.printable(clip))' has failed\(which.words).") }
            return try show(histories)
        }
        let failures = try await setup.ledger.failures(which.filter(discarded: discarded ? .only : .excluded), after: after, limit: limit)
        if json { return try failures.forEach { try Self.printJSON(FailureRow($0)) } }
        guard !failures.isEmpty else { return print((discarded ? "Nothing is discarded" : "Nothing has failed") + which.words + ".") }
        var table = TextTable([("TASK", .right), ("STAGE", .left), ("CLIP", .left), ("CLASS", .left), ("ATTEMPTS", .right), ("AT", .left), ("ERROR", .left)])
        for failure in failures {
            table.add(["\(failure.task)", failure.stage.rawValue, failure.clipKey, failure.failureClass.rawValue, "\(failure.attempts)", failure.at.shown,
                       failure.error.description])
        }
        print(table.rendered())
        if failures.count == limit, let last = failures.last { print("\nThere may be more: add --after \(last.task), or raise --limit.") }
    }

    private func show(_ histories: [TaskHistory]) throws {
        if json { return try histories.forEach { try Self.printJSON(TaskHistoryReport($0)) } }
        print(histories.map(TaskHistoryReport.render).joined(separator: "\n\n"))
    }
}

struct FailureRow: Encodable {
    var task: Int64
    var stage: String
    var clip: String
    var code: String
    var `class`: String
    var message: String
    var attempts: Int
    var strikes: Int
    var at: Date
    var discarded: Bool

    init(_ failure: Failure) {
        task = failure.task
        stage = failure.stage.rawValue
        clip = failure.clipKey
        code = failure.error.code.rawValue
        `class` = failure.failureClass.rawValue
        message = failure.error.description
        attempts = failure.attempts
        strikes = failure.strikes
        at = failure.at
        discarded = failure.isDiscarded
    }
}
