import Fleet
import FleetModel
import Foundation
import Ledger
import PostgreSQL
import RabbitMQ
import Synchronization

/// Stream clips, one after the other, through a fleet that a bulk job keeps busy.
struct LanesRun: Sendable {
    struct StageLatency: Encodable, Sendable {
        var stage: String
        var samples: Int
        var p50_ms: Double
        var p95_ms: Double
        var p99_ms: Double
        var max_ms: Double
    }

    struct Result: Encodable, Sendable {
        var stages: [StageLatency]
        var bulk_tasks_done: Int
        var bulk_tasks_per_second: Double
    }

    let setup: FleetSetup
    let clips: Int
    let work: Duration
    let slots: Int
    let samples: Int

    private static let stages: [StageName] = ["lane-first", "lane-second"]
    /// Longer than any of them takes; a stream clip that has not arrived by then is an error.
    private static let patience: Duration = .seconds(30)

    func run() async throws -> Result {
        let catalogue = try StageCatalogue([StageEntry(FirstLaneStage.self), StageEntry(SecondLaneStage.self)])
        return try await BenchDatabase.with(setup, connections: 8) { database in
            let queues = try await BenchQueues.open(Topology.fleet(catalogue), setup)
            do {
                let result = try await measure(catalogue, database)
                await queues.delete()
                return result
            } catch {
                await queues.delete()
                throw error
            }
        }
    }

    private func measure(_ catalogue: StageCatalogue, _ database: BenchDatabase) async throws -> Result {
        let graph = try catalogue.graph(of: Self.stages, settings: Dictionary(uniqueKeysWithValues: Self.stages.map { ($0, NoOpSettings(work: work).canonical) }))
        let bulk = try await SyntheticJob.plan(clips: clips, graph, database.ledger)
        _ = try await database.ledger.ingest((0..<samples).map { Clip(id: "stream-\($0)", artist: "stream \($0)") }, into: "stream")
        return try await BenchFleet.with(catalogue, slots: slots, setup, database) { startCoordinator in
            startCoordinator()
            try await saturated(bulk, database)
            let before = try await done(bulk, database), started = ContinuousClock.now
            var waits: [[Double]] = [[], []]
            for sample in 0..<samples {
                let (first, second) = try await send(sample, graph, database)
                waits[0].append(first)
                waits[1].append(second)
            }
            let bulkDone = try await done(bulk, database) - before
            return Result(stages: zip(Self.stages, waits).map { latency($0.rawValue, $1) }, bulk_tasks_done: bulkDone,
                          bulk_tasks_per_second: (Double(bulkDone) / (ContinuousClock.now - started).exactSeconds).rounded(to: 1))
        }
    }

    /// Submits one clip and waits for its last result.
    ///
    /// - Returns: what each of its stages took beyond its work, in seconds.
    private func send(_ sample: Int, _ graph: StageGraph, _ database: BenchDatabase) async throws -> (Double, Double) {
        let job = try await database.ledger.submit(JobRequest(name: "stream", collection: "stream", lane: .stream, graph: graph, keys: ["stream-\(sample)"]))
        let planned = MomentOfPlan()
        _ = try await database.ledger.plan(job) { _ in planned.note() }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let rows = try await database.pool.query("""
                SELECT r.at FROM job_task jt JOIN result r ON r.task = jt.task JOIN task t ON t.id = r.task WHERE jt.job = $1 ORDER BY t.rank
                """, [.int64(job.rawValue)]).map { try $0.timestamp(0).secondsSinceEpoch }
            if rows.count == Self.stages.count {
                return (rows[0] - planned.secondsSinceEpoch - work.exactSeconds, rows[1] - rows[0] - work.exactSeconds)
            }
            // The figures are the database's own times: looking seldom costs the measurement nothing.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw FleetError("bench.stream_stuck", "stream clip \(sample) of job \(job) has not come through within \(Self.patience): look at the log with MVFLEET_LOG_LEVEL=info")
    }

    /// Every bulk slot has had work, and the window behind it is full.
    private func saturated(_ bulk: SyntheticJob, _ database: BenchDatabase) async throws {
        // The ledger is looked at seldom, so that looking is no part of the load.
        while try await done(bulk, database) < slots * 20 { try await Task.sleep(for: .milliseconds(100)) }
    }

    private func done(_ job: SyntheticJob, _ database: BenchDatabase) async throws -> Int {
        try await database.ledger.job(job.id).summary.done
    }

    private func latency(_ stage: String, _ seconds: [Double]) -> StageLatency {
        let sorted = seconds.sorted()
        func quantile(_ q: Double) -> Double { (sorted[min(sorted.count - 1, Int(q * Double(sorted.count)))] * 1000).rounded(to: 1) }
        return StageLatency(stage: stage, samples: sorted.count, p50_ms: quantile(0.5), p95_ms: quantile(0.95), p99_ms: quantile(0.99), max_ms: quantile(1))
    }
}

/// When the plan of one clip was committed, on this machine's clock.
private final class MomentOfPlan: Sendable {
    private let moment = Mutex(Date.distantPast)

    /// Never inlined: see Fleet's `DrainSignal`.
    @inline(never)
    func note() { moment.withLock { $0 = Date() } }

    var secondsSinceEpoch: Double {
        @inline(never) get { moment.withLock { $0.timeIntervalSince1970 } }
    }
}

/// One task at a time in each slot, as stages of so much work have it.
private protocol LaneStage: Stage where Input == Int, Output == Int {
    init()
}

extension LaneStage {
    static var defaultSettings: NoOpSettings { NoOpSettings() }
    init(settings: NoOpSettings, environment: StageEnvironment) { self.init() }
    // The no-op recipe takes the place of the stage's own work.
    func input(of task: StageTask) throws -> Int { 0 }
    func run(_ inputs: [Int], context: StageContext) async -> [Outcome<Int>] { inputs.map { .completed($0) } }
}

private struct FirstLaneStage: LaneStage {
    static let descriptor = StageDescriptor(name: "lane-first", version: 1, reads: [.lyrics])
}

private struct SecondLaneStage: LaneStage {
    static let descriptor = StageDescriptor(name: "lane-second", version: 1, requires: ["lane-first"])
}
