import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct StageCommand: AsyncParsableCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable { case show, pause, resume, rate }

    static let configuration = CommandConfiguration(
        commandName: "stage", abstract: "Show what stands in a stage's queues, pause or resume it, or limit its rate.",
        discussion: """
            What is set holds for all jobs and both lanes, within two seconds and across restarts. A paused stage begins nothing; what runs is ended. A rate is shared by the
            whole fleet, and the stream lane comes first.

            Examples:
              mvfleet stage
              mvfleet stage frames pause
              mvfleet stage all resume
              mvfleet stage frame-captions rate 50/s
              mvfleet stage frame-captions rate 90/m
              mvfleet stage frame-captions rate none
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "A stage, or 'all'.") var name = "all"
    @Argument(help: "show, pause, resume or rate.") var action: Action = .show
    @Argument(help: "With rate: tasks a second (50 or 50/s), a minute (90/m) or an hour (500/h); 'none' takes the limit away.") var value: String?
    @Flag(help: "JSON, one object a stage.") var json = false

    func validate() throws {
        let known = try StageCatalogue.standard().entries.map(\.descriptor.name.rawValue)
        if name != "all", !known.contains(name) { throw ValidationError("there is no stage '\(name)': choose from \(known.joined(separator: ", ")), or all") }
        switch (action, value) {
        case (.rate, nil): throw ValidationError("which rate? Write 'mvfleet stage \(name) rate 50/s', or 'rate none'")
        case (.rate, let value?): _ = try Rate(value)
        case (_, let value?): throw ValidationError("'\(action.rawValue)' takes no value, and '\(value)' was given")
        case (_, nil): break
        }
    }

    func run() async throws {
        let catalogue = try StageCatalogue.standard()
        // In the order of the pipeline.
        let stages = try catalogue.graph(of: catalogue.entries.map(\.descriptor.name)).stages.map(\.name).filter { name == "all" || $0.rawValue == name }
        let setup = try await FleetSetup.open(common, role: "stage", connections: 1)
        for stage in stages {
            switch action {
            case .show: break
            case .pause: try await setup.ledger.pause(stage: stage)
            case .resume: try await setup.ledger.resume(stage: stage)
            case .rate: try await setup.ledger.setRate(try value.map { try Rate($0) }?.perSecond, of: stage)
            }
        }
        let rows = try await setup.ledger.overview(of: stages).map(StageRow.init)
        if json { return try rows.forEach(Self.printJSON) }
        print(StageRow.table(rows))
    }
}

/// `50`, `50/s`, `90/m`, `500/h` or `none`.
struct Rate: Equatable {
    /// nil for no limit.
    var perSecond: Double?

    init(_ text: String) throws(ValidationError) {
        if text == "none" { return }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let units: [Substring: Double] = ["s": 1, "m": 60, "h": 3600]
        guard parts.count <= 2, let count = Double(parts[0]), count > 0, count <= 1e6, let unit = parts.count == 2 ? units[parts[1]] : 1 else {
            throw ValidationError("'\(text)' is no rate: write 50/s, 90/m, 500/h (above 0, at most 1,000,000), or none; to stop a stage, pause it")
        }
        perSecond = count / unit
    }

    /// As it is written: by the second, the minute or the hour, whichever gives a number of at least 1.
    static func text(_ perSecond: Double?) -> String {
        guard let perSecond else { return "-" }
        let (value, unit) = perSecond >= 1 ? (perSecond, "s") : perSecond * 60 >= 1 ? (perSecond * 60, "m") : (perSecond * 3600, "h")
        let rounded = (value * 100).rounded() / 100
        return (rounded == rounded.rounded() ? Int(rounded).grouped : "\(rounded)") + "/" + unit
    }
}

/// A stage as `stage` shows it.
struct StageRow: Encodable {
    var stage: String
    var paused: Bool
    var rate_per_second: Double?
    var ready: Int
    var running: Int
    var delayed: Int
    var failed: Int
    var workers: Int
    var changed_at: Date?
    var changed_by: String?

    init(_ overview: StageOverview) {
        stage = overview.control.stage.rawValue
        paused = overview.control.isPaused
        rate_per_second = overview.control.rate
        ready = overview.ready
        running = overview.running
        delayed = overview.delayed
        failed = overview.dead
        workers = overview.workers
        changed_at = overview.control.changedAt
        changed_by = overview.control.changedBy
    }

    static func table(_ rows: [StageRow]) -> String {
        var table = TextTable([("STAGE", .left), ("STATE", .left), ("RATE", .right), ("READY", .right), ("RUNNING", .right), ("DELAYED", .right), ("FAILED", .right),
                               ("WORKERS", .right), ("SET BY", .left)])
        for row in rows {
            let setBy = row.changed_by.map { "\($0) at \(row.changed_at?.shown ?? "?")" } ?? "-"
            table.add([row.stage, row.paused ? "paused" : "open", Rate.text(row.rate_per_second)] + [row.ready, row.running, row.delayed, row.failed, row.workers].map(\.grouped) + [setBy])
        }
        return table.rendered()
    }
}
