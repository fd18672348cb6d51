import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger

struct LanesBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lanes", abstract: "How long a stream task waits while a bulk job saturates the workers.",
        discussion: """
            A bulk job of clips × 2 dependent stages of --work milliseconds each keeps every slot busy. Meanwhile jobs of one clip each are submitted to the stream lane, one after
            the other. Added latency is what passes beyond the stage's own work: for the first stage from the commit of its plan, for the second from the result of the first,
            each to the settlement of the stage, on the database's clock. The bulk job is dropped afterwards.

            Example: mvfleet bench lanes --samples 200 --json
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "Clips of the bulk job.") var clips = 100_000
    @Option(help: "Work of a task, in milliseconds.") var work = 50
    @Option(help: "Bulk slots of each stage.") var slots = 16
    @Option(help: "How many stream clips.") var samples = 200
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if !(1000...1_000_000).contains(clips) { throw ValidationError("--clips is \(clips): give 1,000 to 1,000,000") }
        if !(1...10_000).contains(work) { throw ValidationError("--work is \(work): give 1 to 10,000 milliseconds") }
        if !(1...256).contains(slots) { throw ValidationError("--slots is \(slots): give 1 to 256") }
        if !(10...10_000).contains(samples) { throw ValidationError("--samples is \(samples): give 10 to 10,000") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "bench", connections: 4)
        let lanes = LanesRun(setup: setup, clips: clips, work: .milliseconds(work), slots: slots, samples: samples)
        let result = try await lanes.run()
        if json { return try Self.printJSON(result) }
        var table = TextTable([("STAGE", .left), ("SAMPLES", .right), ("P50 ms", .right), ("P95 ms", .right), ("P99 ms", .right), ("MAX ms", .right)])
        for stage in result.stages {
            table.add([stage.stage, "\(stage.samples)"] + [stage.p50_ms, stage.p95_ms, stage.p99_ms, stage.max_ms].map { "\($0)" })
        }
        print("\(result.bulk_tasks_done.grouped) bulk tasks of \(work) ms were done meanwhile, \(result.bulk_tasks_per_second) a second in \(slots) slots a stage.")
        print("What the stream lane adds to a stage's own \(work) ms:")
        print(table.rendered())
    }
}
