import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct PlanBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "How fast a job is planned.",
        discussion: """
            Synthetic clips without media through every stage under a no-op recipe: how long ingest, submission and planning take, how much
            memory this process needs, and how long the job's progress takes to read. Nothing is run.

            Example: mvfleet bench plan --clips 100000 --json
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "How many clips.") var clips = 100_000
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var clips: Int
        var tasks: Int
        var ingest_seconds: Double
        var plan_seconds: Double
        var status_seconds: Double
        var client_cpu_seconds: Double
        var peak_rss_mib: Int
    }

    func validate() throws {
        if !(1...1_000_000).contains(clips) { throw ValidationError("--clips is \(clips): give 1 to 1,000,000") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "bench", connections: 4)
        let catalogue = try StageCatalogue.standard()
        let stages = try catalogue.graph(of: ["description"]).stages.map(\.name)
        let report = try await BenchDatabase.with(setup) { database in
            let ledger = database.ledger
            let job = try await SyntheticJob.plan(clips: clips, catalogue, stages: stages, ledger)
            let planned = ContinuousClock.now
            _ = try await ledger.job(job.id)
            let read = ContinuousClock.now - planned
            let usage = ProcessUsage.ofThisProcess
            return Report(clips: clips, tasks: job.tasks, ingest_seconds: job.ingest.seconds, plan_seconds: job.planning.seconds, status_seconds: read.exactSeconds.rounded(to: 3),
                          client_cpu_seconds: usage.cpuSeconds.rounded(to: 1), peak_rss_mib: ProcessUsage.peakResidentBytes >> 20)
        }
        if json { return try Self.printJSON(report) }
        print("""
            \(report.clips.grouped) clips ingested in \(report.ingest_seconds) s
            \(report.tasks.grouped) tasks submitted and planned in \(report.plan_seconds) s
            progress read in \(report.status_seconds) s
            this process: \(report.client_cpu_seconds) CPU s, \(report.peak_rss_mib) MiB at most
            """)
    }
}
