import ArgumentParser
import Fleet
import FleetModel
import Foundation

struct FleetBench: AsyncParsableCommand {
    enum Path: String, ExpressibleByArgument, CaseIterable { case bare, ledger, all }

    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "How many tasks a second go through broker and database, and what they cost.",
        discussion: """
            bare: a 512-byte message in a quorum queue becomes one row of results (id text PRIMARY KEY, status integer, result text), acknowledged after the COMMIT; the queue
            is filled beforehand. Once in batches (what arrived while the last rows were written), once with a commit for each task.
            ledger: clips × 2 dependent stages of no work, planned beforehand; then a coordinator and a worker in this process take them all the way: dispatch, claim,
            settle with fan-in, events, progress, sweeper. From before the first dispatch to the last settlement, on the database's clock.
            Persistent messages, publisher confirms, synchronous_commit as the server has it (on, on private ones). Where there are several runs the figures are medians.

            Example: mvfleet bench fleet --clips 100000 --runs 5 --json
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "How many clips: so many tasks on the bare path, twice as many on the ledger's.") var clips = 100_000
    @Option(help: "What to measure: bare, ledger or all.") var path = Path.all
    @Option(help: "How often.") var runs = 1
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if !(100...1_000_000).contains(clips) { throw ValidationError("--clips is \(clips): give 100 to 1,000,000") }
        if !(1...100).contains(runs) { throw ValidationError("--runs is \(runs): give 1 to 100") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "bench", connections: 4)
        let meter = await Meter(setup)
        var report = FleetBenchReport(clips: clips, path: path, runs: runs)
        for run in 1...runs {
            if path != .ledger {
                let batched = try await BarePath(setup: setup, meter: meter, tasks: clips, commits: .batched).run()
                report.add(bare: batched)
                // Commits take turns at the disk: a part of the tasks says as much.
                report.add(perTask: try await BarePath(setup: setup, meter: meter, tasks: min(clips, 20_000), commits: .perTask).run())
            }
            if path != .bare { report.add(ledger: try await LedgerPath(setup: setup, meter: meter, clips: clips).run()) }
            if runs > 1 { FileHandle.standardError.write(Data("run \(run) of \(runs): \(report.lastRun)\n".utf8)) }
        }
        if json { try Self.printJSON(report.summary) } else { print(report.rendered) }
    }
}
