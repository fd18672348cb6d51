import FleetModel
import Foundation
import Ledger

/// A worker as `status` and `doctor` show it.
struct WorkerRow: Encodable {
    var id: Int32
    var host: String
    var pid: Int32
    var version: String?
    var stages: [String]
    /// By stage.
    var stage_versions: [String: Int]
    var slots: Int
    var state: String
    var leases: Int
    var seconds_since_seen: Double

    init(_ worker: WorkerStatus) {
        id = worker.id.rawValue
        host = worker.host.split(separator: "/").first.map(String.init) ?? worker.host
        pid = worker.pid
        version = worker.version
        stages = worker.stages.map(\.rawValue)
        stage_versions = Dictionary(uniqueKeysWithValues: worker.stageVersions.map { ($0.key.rawValue, $0.value) })
        slots = worker.slots
        state = worker.isDraining ? "draining" : worker.isConsuming ? "consuming" : "not consuming"
        leases = worker.leases
        seconds_since_seen = (max(Date().timeIntervalSince(worker.seenAt), 0) * 10).rounded() / 10
    }

    static func table(_ rows: [WorkerRow]) -> String {
        var table = TextTable([("WORKER", .right), ("HOST", .left), ("PID", .right), ("VERSION", .left), ("STATE", .left), ("SLOTS", .right), ("LEASES", .right), ("SEEN s", .right), ("STAGES", .left)])
        for row in rows {
            table.add(["\(row.id)", row.host, "\(row.pid)", row.version ?? "unknown", row.state, "\(row.slots)", "\(row.leases)", "\(row.seconds_since_seen)", row.stages.map { stage in row.stage_versions[stage].map { "\(stage)@\($0)" } ?? stage }.joined(separator: " ")])
        }
        return table.rendered()
    }
}
