import Fleet
import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import RabbitMQ

/// The whole way of a task: dispatch, claim, run, settle with fan-in, events and progress, over the broker, with the sweeper running. Clips × two stages, of which
/// the second requires the first; the work itself is nothing.
struct LedgerPath: Sendable {
    struct Result: Sendable {
        var measurement: Measurement
        var ingest: Duration
        var planning: Duration
        var resident: ResidentSizes
    }

    let setup: FleetSetup
    let meter: Meter
    let clips: Int

    func run() async throws -> Result {
        let catalogue = try StageCatalogue([StageEntry(FirstBenchStage.self), StageEntry(SecondBenchStage.self)])
        let names = catalogue.entries.map(\.descriptor.name)
        return try await BenchDatabase.with(setup, connections: 8) { database in
            let queues = try await BenchQueues.open(Topology.fleet(catalogue), setup)
            do {
                let job = try await SyntheticJob.plan(clips: clips, catalogue, stages: names, database.ledger)
                let result = try await process(job, catalogue, database)
                await queues.delete()
                return result
            } catch {
                await queues.delete()
                throw error
            }
        }
    }

    private func process(_ job: SyntheticJob, _ catalogue: StageCatalogue, _ database: BenchDatabase) async throws -> Result {
        try await BenchFleet.with(catalogue, setup, database) { startCoordinator in
            let before = meter.read()
            let started = try await database.pool.queryOne("SELECT clock_timestamp()").timestamp(0)
            startCoordinator()
            let resident = try await finish(job, database)
            let after = meter.read()
            // Settlements carry the time at which their transaction began.
            let ended = try await database.pool.queryOne("SELECT max(at) FROM event").timestamp(0)
            let seconds = ended.secondsSinceEpoch - started.secondsSinceEpoch
            return Result(measurement: Measurement(tasks: job.tasks, seconds: seconds, usage: after - before), ingest: job.ingest, planning: job.planning, resident: resident)
        }
    }

    private func finish(_ job: SyntheticJob, _ database: BenchDatabase) async throws -> ResidentSizes {
        var samples: [Int] = []
        while true {
            samples.append(ProcessUsage.residentBytes)
            let state = try await database.pool.queryOne("SELECT state FROM job WHERE id = $1", [.int64(job.id.rawValue)]).int16(0)
            if state == JobState.finished.rawValue { break }
            // The beat at which memory is sampled.
            try await Task.sleep(for: .milliseconds(100))
        }
        let done = try await database.pool.queryOne("SELECT count(*) FROM result").int(0)
        guard done == job.tasks else { throw FleetError("bench.incomplete", "\(done) of \(job.tasks) tasks have a result: look at the log with MVFLEET_LOG_LEVEL=info") }
        return ResidentSizes(samples)
    }
}

/// What coordinator and worker in this process hold, in bytes: equal where memory does not depend on how much is done or waits.
struct ResidentSizes: Sendable {
    /// The median of the second quarter of the time: in the first there is still what planning left.
    var early: Int
    /// The median of the last quarter.
    var late: Int

    init(_ samples: [Int]) {
        let half = samples.count / 2, quarter = samples.count / 4
        early = samples[quarter..<max(half, quarter + 1)].map(Double.init).median.map { Int($0) } ?? 0
        late = samples[(samples.count - max(quarter, 1))...].map(Double.init).median.map { Int($0) } ?? 0
    }
}

/// Quick stages have large batches and several slots: while one batch is claimed another settles.
private let benchBatch = 256
private let benchSlots = 2

private protocol BenchStage: Stage where Input == Int, Output == Int {
    init()
}

extension BenchStage {
    static var defaultSettings: NoOpSettings { NoOpSettings() }
    init(settings: NoOpSettings, environment: StageEnvironment) { self.init() }
    // The no-op recipe takes the place of the stage's own work.
    func input(of task: StageTask) throws -> Int { 0 }
    func run(_ inputs: [Int], context: StageContext) async -> [Outcome<Int>] { inputs.map { .completed($0) } }
}

private struct FirstBenchStage: BenchStage {
    static let descriptor = StageDescriptor(name: "bench-first", version: 1, reads: [.lyrics], slots: benchSlots, batch: benchBatch)
}

private struct SecondBenchStage: BenchStage {
    static let descriptor = StageDescriptor(name: "bench-second", version: 1, requires: ["bench-first"], slots: benchSlots, batch: benchBatch)
}
