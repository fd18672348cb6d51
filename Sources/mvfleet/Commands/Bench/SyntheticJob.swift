import Fleet
import FleetModel
import Ledger

/// A planned job over clips without media, every stage under the no-op recipe.
struct SyntheticJob: Sendable {
    let id: JobID
    let tasks: Int
    let ingest: Duration
    /// Submission and planning.
    let planning: Duration

    static func plan(clips count: Int, _ catalogue: StageCatalogue, stages: [StageName], _ ledger: Ledger) async throws -> SyntheticJob {
        let started = ContinuousClock.now
        let batches = AsyncStream<[Clip]> { continuation in
            Task {
                for start in stride(from: 0, to: count, by: 1000) {
                    continuation.yield((start..<min(start + 1000, count)).map { Clip(id: "clip-\($0)", artist: "artist \($0 % 5000)", genres: ["pop"]) })
                    await Task.yield()
                }
                continuation.finish()
            }
        }
        _ = try await ledger.ingest(batches, into: "bench")
        let ingested = ContinuousClock.now
        let settings = Dictionary(uniqueKeysWithValues: stages.map { ($0, NoOpSettings().canonical) })
        let id = try await ledger.submit(JobRequest(name: "bench", collection: "bench", graph: try catalogue.graph(of: stages, settings: settings)))
        let report = try await PlanProgressDisplay.plan(id, ledger)
        return SyntheticJob(id: id, tasks: report.tasks, ingest: ingested - started, planning: .now - ingested)
    }
}
