import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct BenchCommand: AsyncParsableCommand {
    enum What: String, ExpressibleByArgument, CaseIterable { case plan }

    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the fleet on this machine's servers.",
        discussion: """
            plan: synthetic clips without media through every stage under a no-op recipe: how long ingest, submission and planning take, how much
            memory this process needs, and how long the job's progress takes to read. The job is cancelled afterwards.

            Example: mvfleet bench plan --clips 100000 --json
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "What to measure.") var what: What
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
        try await setup.ledger.requireSchema()
        let catalogue = try StageCatalogue.standard()
        // A collection of its own each time: nothing of an earlier run may be reused.
        let run = UUID().uuidString
        let count = clips
        let started = ContinuousClock.now
        let batches = AsyncStream<[Clip]> { continuation in
            Task {
                for start in stride(from: 0, to: count, by: 1000) {
                    continuation.yield((start..<min(start + 1000, count)).map { Clip(id: "\(run)-\($0)", artist: "artist \($0 % 5000)", genres: ["pop"]) })
                    await Task.yield()
                }
                continuation.finish()
            }
        }
        _ = try await setup.ledger.ingest(batches, into: "bench-\(run)")
        let ingested = ContinuousClock.now
        var graph: [StageName: String] = [:]
        for entry in catalogue.entries { graph[entry.descriptor.name] = NoOpSettings().canonical }
        let request = JobRequest(name: "bench-\(run)", collection: "bench-\(run)", graph: try catalogue.graph(of: catalogue.entries.map(\.descriptor.name), settings: graph))
        let job = try await setup.ledger.submit(request)
        let plan = try await PlanProgressDisplay.plan(job, setup.ledger)
        let planned = ContinuousClock.now
        _ = try await setup.ledger.job(job)
        let read = ContinuousClock.now
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        try await setup.ledger.cancel(job)
        let report = Report(clips: count, tasks: plan.tasks, ingest_seconds: (ingested - started).seconds, plan_seconds: (planned - ingested).seconds,
                            status_seconds: Double((read - planned).components.attoseconds / 1_000_000_000_000_000) / 1000 + Double((read - planned).components.seconds),
                            client_cpu_seconds: (cpu * 10).rounded() / 10, peak_rss_mib: usage.ru_maxrss / 1024)
        if json { return try Self.printJSON(report) }
        print("""
            \(report.clips.grouped) clips ingested in \(report.ingest_seconds) s
            \(report.tasks.grouped) tasks submitted and planned in \(report.plan_seconds) s
            progress read in \(report.status_seconds) s
            this process: \(report.client_cpu_seconds) CPU s, \(report.peak_rss_mib) MiB at most
            """)
    }
}
