import FleetModel
import Foundation
import Ledger

/// A worker as `status` and `doctor` show it.
struct WorkerRow: Encodable {
    var id: Int32
    var host: String
    var pid: Int32
    var stages: [String]
    var slots: Int
    var state: String
    var leases: Int
    var seconds_since_seen: Double

    init(_ worker: WorkerStatus) {
        id = worker.id.rawValue
        host = worker.host.split(separator: "/").first.map(String.init) ?? worker.host
        pid = worker.pid
        stages = worker.stages.map(\.rawValue)
        slots = worker.slots
        state = worker.isDraining ? "draining" : worker.isConsuming ? "consuming" : "not consuming"
        leases = worker.leases
        seconds_since_seen = (max(Date().timeIntervalSince(worker.seenAt), 0) * 10).rounded() / 10
    }

    static func table(_ rows: [WorkerRow]) -> String {
        var table = TextTable([("WORKER", .right), ("HOST", .left), ("PID", .right), ("STATE", .left), ("SLOTS", .right), ("LEASES", .right), ("SEEN s", .right), ("STAGES", .left)])
        for row in rows {
            table.add(["\(row.id)", row.host, "\(row.pid)", row.state, "\(row.slots)", "\(row.leases)", "\(row.seconds_since_seen)", row.stages.joined(separator: " ")])
        }
        return table.rendered()
    }
}
