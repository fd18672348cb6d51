import FleetModel
import Foundation
import Ledger

/// A task and its failed attempts, as scripts read it and as people do.
struct TaskHistoryReport: Encodable {
    struct Attempt: Encodable {
        var attempt: Int
        var at: Date
        var worker: Int32?
        var seconds: Double
        var code: String
        var `class`: String
        var message: String

        init(_ record: AttemptRecord) {
            attempt = record.attempt
            at = record.at
            worker = record.worker?.rawValue
            seconds = Double(record.duration.components.seconds) + (Double(record.duration.components.attoseconds) / 1e15).rounded() / 1000
            code = record.error.code.rawValue
            `class` = FailureClass(attempt: record.error).rawValue
            message = record.error.description
        }
    }

    var task: Int64
    var stage: String
    var clip: String
    var state: String
    var `class`: String?
    var reason: String?
    var discarded: Bool
    var attempts: [Attempt]

    init(_ history: TaskHistory) {
        task = history.task
        stage = history.stage.rawValue
        clip = history.clipKey
        discarded = false
        state = switch history.state {
        case .open: "open"
        case .done: "done"
        case .filtered: "filtered"
        case .dead: "failed"
        }
        switch history.ending {
        case .dead(let failure):
            `class` = failure.failureClass.rawValue
            reason = failure.error.description
            discarded = failure.isDiscarded
        case .filtered(let text, _):
            `class` = FailureClass.filtered.rawValue
            reason = text
        case nil: break
        }
        attempts = history.attempts.map(Attempt.init)
    }

    static func render(_ history: TaskHistory) -> String {
        let report = TaskHistoryReport(history)
        var heading = "task \(report.task), \(report.stage) of clip '\(TextTable.printable(report.clip))': \(report.state)"
        if let kind = report.class { heading += report.state == kind ? "" : ", \(kind)" }
        if report.discarded { heading += ", discarded" }
        if let reason = report.reason { heading += "\n  \(TextTable.printable(reason))" }
        if report.attempts.isEmpty { return heading + "\nNo attempt at it has failed." }
        var table = TextTable([("ATTEMPT", .right), ("AT", .left), ("WORKER", .right), ("TOOK s", .right), ("CLASS", .left), ("ERROR", .left)])
        for attempt in report.attempts {
            table.add(["\(attempt.attempt)", attempt.at.shown, attempt.worker.map(String.init) ?? "-", "\(attempt.seconds)", attempt.class, attempt.message])
        }
        return heading + "\n" + table.rendered()
    }
}
