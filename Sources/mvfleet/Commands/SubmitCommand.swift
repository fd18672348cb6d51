import ArgumentParser
import FleetModel
import Foundation
import Ledger
import Stages

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit a job over an ingested catalogue, and plan its tasks.",
        discussion: """
            What has a result under the same fingerprint is reused. Stopped on the way, the coordinator plans the rest.
            What keeps the fleet from working at it, such as an alarm of the broker or a stage without workers, is said on standard error; the job is kept.

            Example: mvfleet submit clips --watch
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: JobOptions
    @Argument(help: "The name under which the catalogue was ingested.") var catalogue: String
    @Option(help: "The job's name. Default: the catalogue's.") var name: String?
    @Flag(help: "Stay and show progress until the job ends.") var watch = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if json, watch { throw ValidationError("--json and --watch do not go together: submit with --json, then 'mvfleet job ID watch'") }
    }

    private struct Report: Encodable {
        var job: String
        var clips: Int
        var tasks: Int
        var created: Int
        var reused: Int
        var shared: Int
        var filtered: Int
        var failed: Int
        var seconds: Double
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "submit", connections: 4)
        let started = ContinuousClock.now
        let checkpoints = try await MusicCheckpoints.find(job.musicModelDirectories, setup.configuration)
        let id = try await setup.ledger.submit(try job.request(name: name ?? catalogue, collection: catalogue, catalogue: try .standard(), checkpoints))
        if let budget = job.budget { try await setup.ledger.setBudget(budget, of: id) }
        let plan = try await PlanProgressDisplay.plan(id, setup.ledger)
        let seconds = (ContinuousClock.now - started).seconds
        if json {
            try Self.printJSON(Report(job: "\(id)", clips: plan.clips, tasks: plan.tasks, created: plan.created, reused: plan.reused, shared: plan.shared,
                                      filtered: plan.filtered, failed: plan.dead, seconds: seconds))
        } else {
            print("Job \(id): \(plan.clips.grouped) clips, \(plan.tasks.grouped) tasks (\(plan.created.grouped) new, \(plan.reused.grouped) reused, \(plan.shared.grouped) under way) planned in \(seconds) s.")
        }
        // The job stands, whether or not this can be asked.
        let faults = ((try? await setup.ledger.alarms()) ?? []).filter { $0.severity == .fault }.map(AlarmRow.init)
        if !faults.isEmpty { FileHandle.standardError.write(Data((AlarmRow.render(faults) + "\n").utf8)) }
        if watch { print(JobReport.render(try await JobProgress(ledger: setup.ledger).watch(id))) }
    }
}

/// Plans a job in this process, with a bar.
enum PlanProgressDisplay {
    static func plan(_ job: JobID, _ ledger: Ledger) async throws -> PlanReport {
        let (stream, continuation) = AsyncStream.makeStream(of: PlanProgress.self, bufferingPolicy: .bufferingNewest(1))
        let display = Task {
            var display = ProgressDisplay()
            var last: [ProgressDisplay.Line] = []
            for await progress in stream where progress.clipsTotal > 5000 {
                last = [ProgressDisplay.Line(label: "planning", done: progress.clipsPlanned, total: progress.clipsTotal, note: "\(progress.tasks.grouped) tasks")]
                display.show(last)
            }
            if !last.isEmpty { display.finish(last) }
        }
        let result: Result<PlanReport, any Error>
        do {
            result = .success(try await ledger.plan(job) { continuation.yield($0) })
        } catch {
            result = .failure(error)
        }
        continuation.finish()
        await display.value
        return try result.get()
    }
}

extension Duration {
    /// To a tenth of a second, for people.
    var seconds: Double { (Double(components.seconds) * 10 + Double(components.attoseconds) / 1e17).rounded() / 10 }
}
