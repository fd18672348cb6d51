import FleetModel
import Foundation
import Ledger

/// An alarm as `status` shows it.
struct AlarmRow: Encodable {
    var code: String
    var severity: String
    var message: String
    var remedy: String

    init(_ alarm: Alarm) {
        code = alarm.code.rawValue
        severity = alarm.severity.rawValue
        message = alarm.message
        remedy = alarm.remedy
    }

    static func render(_ alarms: [AlarmRow]) -> String {
        alarms.map { alarm in
            (alarm.severity == Alarm.Severity.fault.rawValue ? "ALARM    " : "Warning  ") + TextTable.printable("\(alarm.message) (\(alarm.code))")
                + "\n         " + TextTable.printable(alarm.remedy)
        }.joined(separator: "\n")
    }
}

/// The coordinator that leads, as `status` and `doctor` show it.
struct CoordinatorRow: Encodable {
    var leads: Bool
    var host: String?
    var pid: Int32?
    var version: String?
    var since: Date?
    var dispatched_at: Date?

    init(_ leader: Leader) {
        leads = leader.leads
        host = leader.identity.map { String($0.host.prefix { $0 != "/" }) }
        pid = leader.identity?.pid
        version = leader.identity?.version
        since = leader.since
        dispatched_at = leader.dispatchedAt
    }

    var text: String {
        guard leads else { return "none leads" }
        guard let host, let pid, let version else { return "one leads, of a version that does not say where it runs" }
        let now = Date()
        return "\(host) pid \(pid), version \(version), leads" + (since.map { " since \(TimeText.instant($0, now: now))" } ?? "")
    }
}
