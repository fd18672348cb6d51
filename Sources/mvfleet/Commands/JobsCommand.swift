import ArgumentParser
import Captioning
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "jobs", abstract: "List jobs, newest first.", discussion: "Example: mvfleet jobs --limit 20")

    @OptionGroup var common: CommonOptions
    @Option(help: "At most so many.") var limit = 50
    @Flag(help: "A JSON object a line.") var json = false

    func validate() throws {
        if !(1...10_000).contains(limit) { throw ValidationError("--limit is \(limit): give 1 to 10,000") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "jobs", connections: 1)
        let jobs = try await setup.ledger.jobs(limit: limit).map(JobRow.init)
        if json { return try jobs.forEach(Self.printJSON) }
        var table = TextTable([("JOB", .right), ("NAME", .left), ("CATALOGUE", .left), ("LANE", .left), ("STATE", .left), ("CLIPS", .right), ("DONE", .right),
                               ("REUSED", .right), ("FILTERED", .right), ("FAILED", .right), ("DISCARDED", .right), ("TASKS", .right), ("PRIORITY", .right), ("LIMIT", .right)])
        for job in jobs {
            table.add([job.id, job.name, job.catalogue, job.lane, job.state, job.clips.grouped, job.done.grouped, job.reused.grouped, job.filtered.grouped,
                       job.failed.grouped, job.discarded.grouped, job.tasks.grouped, "\(job.priority)", job.limit?.grouped ?? "-"])
        }
        print(jobs.isEmpty ? "There are no jobs. 'mvfleet submit' makes one." : table.rendered())
    }
}

struct JobRow: Encodable {
    var id: String
    var name: String
    var catalogue: String
    var lane: String
    var state: String
    var priority: Int
    var limit: Int?
    var clips: Int
    var tasks: Int
    var done: Int
    var reused: Int
    var filtered: Int
    var failed: Int
    var discarded: Int
    var submitted_at: Date
    var finished_at: Date?

    init(_ job: JobSummary) {
        id = "\(job.id)"
        name = job.name
        catalogue = job.collection
        lane = job.lane.name
        state = job.state.name
        priority = job.priority
        limit = job.limit
        clips = job.clipsTotal
        tasks = job.total
        done = job.done
        reused = job.reused
        filtered = job.filtered
        failed = job.dead
        discarded = job.discarded
        submitted_at = job.submittedAt
        finished_at = job.finishedAt
    }
}

struct JobCommand: AsyncParsableCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable { case show, watch, pause, resume, cancel, delete, priority, limit, budget, cost, quality, explain, timeline }

    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Show one job's progress per stage, control it, or say why a clip of it does not run.",
        discussion: """
            Control works within two seconds: a task that runs is ended, nothing new is claimed. Jobs of one priority take turns; a job of a higher one goes first. A limit is
            for tasks that are out at once, over the whole fleet. A job that has ended can be deleted; 'mvfleet gc' collects what only it used.

            Examples:
              mvfleet job 12
              mvfleet job 12 watch
              mvfleet job 12 pause
              mvfleet job 12 priority 10
              mvfleet job 12 priority -- -10
              mvfleet job 12 limit 64
              mvfleet job 12 limit none
              mvfleet job 12 budget 80USD
              mvfleet job 12 cost
              mvfleet job 12 quality
              mvfleet job 12 explain clip-000042
              mvfleet job 12 timeline clip-000042
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The job's number.") var id: JobID
    @Argument(help: "show, watch, pause, resume, cancel, delete; priority, limit or budget with a number; cost: what language models were paid; quality: how their texts came about; explain or timeline with a clip.") var action: Action = .show
    @Argument(help: "With priority: a whole number, higher goes first. With limit: how many tasks may be out at once, or 'none'. With budget: what language models may cost in all, or 'none'. With explain and timeline: the clip's key.")
    var value: String?
    @Option(name: .customLong("explain"), help: ArgumentHelp("Why each stage of this clip does or does not run: the same as 'explain CLIP'.", valueName: "clip")) var explained: String?
    @Option(name: .customLong("timeline"), help: ArgumentHelp("What happened to this clip, stage by stage: the same as 'timeline CLIP'.", valueName: "clip")) var timed: String?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if explained != nil, timed != nil { throw ValidationError("--explain and --timeline are two questions: ask one after the other") }
        if explained != nil || timed != nil, action != .show { throw ValidationError("--explain and --timeline stand alone: leave '\(action.rawValue)' away") }
        switch action {
        case .priority: _ = try priority()
        case .limit: _ = try limit()
        case .budget: _ = try budget()
        case .explain, .timeline:
            if value == nil { throw ValidationError("'\(action.rawValue)' needs a clip: mvfleet job \(id) \(action.rawValue) CLIP") }
        case .show, .watch, .pause, .resume, .cancel, .delete, .cost, .quality:
            if let value { throw ValidationError("'\(action.rawValue)' takes no value, and '\(value)' was given") }
        }
    }

    private func priority() throws -> Int {
        guard let value else { throw ValidationError("which priority? Write 'mvfleet job \(id) priority 10'") }
        guard let priority = Int32(value) else { throw ValidationError("'\(value)' is no priority: give a whole number, higher goes first, 0 is usual") }
        return Int(priority)
    }

    /// - Returns: nil to take the limit away.
    private func limit() throws -> Int? {
        guard let value else { throw ValidationError("which limit? Write 'mvfleet job \(id) limit 64', or 'limit none'") }
        if value == "none" { return nil }
        guard let limit = Int32(value), limit > 0 else { throw ValidationError("'\(value)' is no limit: give a whole number above 0, or none; to stop a job, pause it") }
        return Int(limit)
    }

    /// - Returns: nil to take the limit away.
    private func budget() throws -> Money? {
        guard let value else { throw ValidationError("which budget? Write 'mvfleet job \(id) budget 80USD', or 'budget none'") }
        if value == "none" { return nil }
        guard let budget = Money(value) else { throw ValidationError("'\(value)' is no amount: write one in US dollars, such as 80USD, or none") }
        return budget
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "job", connections: 2)
        if action == .cost {
            _ = try await setup.ledger.job(id)
            let rows = try await setup.ledger.languageModelUsage(of: id).map(CostRow.init)
            if json { return try rows.forEach(Self.printJSON) }
            return print(rows.isEmpty ? "This job has paid no language model. What it reused of other jobs is theirs." : CostRow.render(rows))
        }
        if action == .quality {
            let report = try await setup.ledger.quality(of: id)
            if json { return try Self.printJSON(report) }
            return print(report.stages.isEmpty ? "No language model has written a text of this job yet." : report.description)
        }
        if let key = explained ?? (action == .explain ? value : nil) {
            let explanation = try await setup.ledger.explain(clip: key, in: id, .standard())
            return json ? try Self.printJSON(ExplainReport(explanation)) : print(ExplainReport.render(explanation))
        }
        if let key = timed ?? (action == .timeline ? value : nil) {
            let timeline = try await setup.ledger.timeline(of: key, in: id)
            return json ? try Self.printJSON(TimelineReport(timeline)) : print(TimelineReport.render(timeline))
        }
        let before = try await setup.ledger.job(id).summary.state
        if ![.show, .watch, .delete].contains(action), before == .finished || before == .cancelled {
            throw FleetError("job.ended", "job \(id) is \(before.name): there is nothing left to \(action.rawValue); submit it again")
        }
        switch action {
        case .show, .cost, .quality, .explain, .timeline: break
        case .watch: _ = try await JobProgress(ledger: setup.ledger).watch(id)
        case .pause: try await setup.ledger.pause(id)
        case .resume: try await setup.ledger.resume(id)
        case .cancel: try await setup.ledger.cancel(id)
        case .delete:
            try await setup.ledger.deleteJob(id)
            if !json { print("Job \(id) is deleted. 'mvfleet gc' collects what only it used, after its grace time.") }
            return
        case .priority: try await setup.ledger.setPriority(try priority(), of: id)
        case .limit: try await setup.ledger.setLimit(try limit(), of: id)
        case .budget: try await setup.ledger.setBudget(try budget(), of: id)
        }
        let status = try await setup.ledger.job(id)
        let budget = try await setup.ledger.budgets(of: [id]).first
        if json { return try Self.printJSON(JobReport(status, budget)) }
        print(JobReport.render(status) + (budget.map { "\nlanguage models: " + $0.line(of: id) } ?? ""))
    }
}

extension FleetExpectations {
    /// As this program's dispatcher and stages have it.
    static func standard() throws -> FleetExpectations {
        let limits = try StageCatalogue.standard().entries.map { ($0.descriptor.name, $0.descriptor.retry.attempts) }
        return FleetExpectations(window: Coordinator.windowSize, attemptLimits: Dictionary(uniqueKeysWithValues: limits))
    }
}

extension JobBudget {
    /// As people read it.
    func line(of job: JobID) -> String {
        "\(spent) spent" + (allowance.map { " of \($0)" } ?? "") + (reserved > .zero ? ", \(reserved) set aside for what is under way" : "")
            + (isReached ? "; the budget is reached, and nothing more is asked: raise it with 'mvfleet job \(job) budget AMOUNT'" : "")
    }
}

extension JobID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// A job with its stages, as scripts read it and as people do.
struct JobReport: Encodable {
    struct Stage: Encodable {
        var stage: String
        var version: Int
        var total: Int
        var waiting: Int
        var ready: Int
        var running: Int
        var delayed: Int
        var done: Int
        var reused: Int
        var filtered: Int
        var failed: Int
        var discarded: Int
        var blocked: Int
    }

    /// In US dollars.
    struct Budget: Encodable {
        var allowance_usd: Double?
        var spent_usd: Double
        var reserved_usd: Double
        var reached: Bool
    }

    var job: JobRow
    var stages: [Stage]
    /// Where language models were asked, or may be.
    var budget: Budget?

    init(_ status: JobStatus, _ budget: JobBudget? = nil) {
        self.budget = budget.map {
            Budget(allowance_usd: $0.allowance?.dollars, spent_usd: $0.spent.dollars, reserved_usd: $0.reserved.dollars, reached: $0.isReached)
        }
        job = JobRow(status.summary)
        stages = status.stages.map {
            Stage(stage: $0.stage.rawValue, version: $0.version, total: $0.total, waiting: $0.waiting, ready: $0.ready, running: $0.running, delayed: $0.delayed,
                  done: $0.done, reused: $0.reused, filtered: $0.filtered, failed: $0.dead, discarded: $0.discarded,
                  blocked: $0.blocked)
        }
    }

    static func render(_ status: JobStatus) -> String {
        let job = status.summary
        var table = TextTable([("STAGE", .left), ("WAITING", .right), ("READY", .right), ("RUNNING", .right), ("DELAYED", .right), ("DONE", .right), ("REUSED", .right),
                               ("FILTERED", .right), ("FAILED", .right), ("DISCARDED", .right), ("BLOCKED", .right), ("TOTAL", .right)])
        for stage in JobReport(status).stages {
            table.add([stage.stage] + [stage.waiting, stage.ready, stage.running, stage.delayed, stage.done, stage.reused, stage.filtered, stage.failed, stage.discarded, stage.blocked,
                                       stage.total].map(\.grouped))
        }
        return "job \(job.id) '\(TextTable.printable(job.name))' over '\(TextTable.printable(job.collection))': \(job.state.name), \(job.lane.name) lane, \(job.clipsTotal.grouped) clips"
            + (job.priority == 0 ? "" : ", priority \(job.priority)") + (job.limit.map { ", at most \($0.grouped) tasks at once" } ?? "") + "\n"
            + table.rendered()
    }
}
