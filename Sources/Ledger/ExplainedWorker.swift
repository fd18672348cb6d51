import FleetModel
import Foundation
import PostgreSQL

/// A worker as explanations need it.
struct ExplainedWorker: Sendable {
    var id: Int32
    var host: String
    var pid: Int32
    var version: String?
    var stages: [StageName]
    /// In the order of `stages`; zero or missing where it did not say.
    var stageVersions: [Int]
    var seenAt: Date
    var hasEnded: Bool
    var isDraining: Bool
    var isConsuming: Bool
    /// Heard of lately, and no goodbye.
    var isLive: Bool
}

extension Ledger {
    /// Those that are live, and those that had a hand in these tasks.
    static func explainedWorkers(of tasks: [Int64], silence: Duration, _ transaction: Transaction) async throws -> [ExplainedWorker] {
        try await transaction.query("""
            SELECT w.id, w.host, w.pid, w.version, w.stages, w.stage_versions, w.seen_at, w.ended_at IS NOT NULL AS ended, w.draining, w.consuming,
                   w.ended_at IS NULL AND w.seen_at > clock_timestamp() - $2 AS live
            FROM worker w WHERE (w.ended_at IS NULL AND w.seen_at > clock_timestamp() - $2)
               OR w.id IN (SELECT worker FROM result WHERE task = ANY ($1) UNION ALL SELECT worker FROM running WHERE task = ANY ($1)
                           UNION ALL SELECT worker FROM attempt WHERE task = ANY ($1))
            ORDER BY w.id
            """, [.int64Array(tasks), .interval(silence)]).map { row in
            let version = try row.text("version")
            return ExplainedWorker(
                id: try row.int32("id"), host: try row.text("host"), pid: try row.int32("pid"), version: version.isEmpty ? nil : version,
                stages: try row.textArray("stages").map(NameCache.stageName), stageVersions: try row.int32Array("stage_versions").map(Int.init),
                seenAt: try row.timestamp("seen_at").date, hasEnded: try row.bool("ended"), isDraining: try row.bool("draining"),
                isConsuming: try row.bool("consuming"), isLive: try row.bool("live"))
        }
    }
}

extension [ExplainedWorker] {
    func reference(_ id: Int32) -> WorkerReference {
        let known = first { $0.id == id }
        return WorkerReference(id: WorkerID(rawValue: id), host: known?.host, pid: known?.pid, version: known?.version)
    }
}

extension StageWorkers {
    /// Sorts the live workers of a stage by what they can do for this version of it.
    static func of(_ stage: StageName, version: Int, _ workers: [ExplainedWorker]) -> StageWorkers {
        var sorted = StageWorkers()
        for worker in workers where worker.isLive {
            guard let index = worker.stages.firstIndex(of: stage) else { continue }
            let told = index < worker.stageVersions.count ? worker.stageVersions[index] : 0
            if told != 0, told != version {
                sorted.otherVersions.append(told)
            } else if worker.isDraining {
                sorted.draining += 1
            } else if !worker.isConsuming {
                sorted.deaf += 1
            } else {
                sorted.serving += 1
            }
        }
        return sorted
    }
}
