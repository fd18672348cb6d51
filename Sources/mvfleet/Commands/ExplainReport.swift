import FleetModel
import Foundation
import Ledger

/// Why each stage of a clip does or does not run, as scripts read it and as people do.
struct ExplainReport: Encodable {
    struct Worker: Encodable {
        var id: Int32
        var host: String?
        var pid: Int32?
        var version: String?

        init(_ worker: WorkerReference) {
            id = worker.id.rawValue
            host = worker.host.map { String($0.prefix { $0 != "/" }) }
            pid = worker.pid
            version = worker.version
        }
    }

    struct Stage: Encodable {
        var stage: String
        var version: Int
        var task: Int64?
        var state: String
        /// A stable name of the reason.
        var reason: String
        /// The reason in words.
        var why: String
        var remedy: String?
        var waits_for: [String]?
        /// The stages whose own reasons are the cause of the waiting.
        var causes: [String]?
        var worker: Worker?
        /// When it ended, was leased, or is due.
        var at: Date?
        /// When the lease ends.
        var until: Date?
        var milliseconds: Int?
        var attempts: Int?
        var attempt_limit: Int?
        var code: String?
        var origin: String?
        /// Ready tasks of the same job before it.
        var ahead: Int?
    }

    var clip: String
    var job: String
    var job_name: String
    var job_state: String
    var at: Date
    var stages: [Stage]

    init(_ explanation: ClipExplanation) {
        clip = explanation.clip
        job = "\(explanation.job.id)"
        job_name = explanation.job.name
        job_state = explanation.job.state.name
        at = explanation.now
        stages = explanation.stages.map { stage in
            var row = Stage(stage: stage.stage.rawValue, version: stage.version, task: stage.task, state: stage.reason.state, reason: stage.reason.code,
                            why: explanation.text(of: stage), remedy: explanation.remedy(of: stage))
            row.add(stage.reason)
            return row
        }
    }

    static func render(_ explanation: ClipExplanation) -> String {
        let job = explanation.job
        var table = TextTable([("STAGE", .left), ("STATE", .left), ("WHY", .left)])
        for stage in explanation.stages { table.add([stage.stage.rawValue, stage.reason.state, explanation.text(of: stage)]) }
        var remedies: [String] = []
        for stage in explanation.stages {
            guard let remedy = explanation.remedy(of: stage), !remedies.contains(remedy) else { continue }
            remedies.append(remedy)
        }
        let heading = "clip '\(TextTable.printable(explanation.clip))' in job \(job.id) '\(TextTable.printable(job.name))': \(job.state.name), \(job.lane.name) lane"
        return ([heading, table.rendered()] + (remedies.isEmpty ? [] : ["", "What to do:"]) + remedies.map { "  " + TextTable.printable($0) }).joined(separator: "\n")
    }
}

extension ExplainReport.Stage {
    fileprivate mutating func add(_ reason: StageReason) {
        switch reason {
        case .done(let completion):
            worker = .init(completion.worker)
            at = completion.at
            milliseconds = completion.duration.wholeMilliseconds
        case .filtered(let filtering):
            origin = filtering.origin.rawValue
            at = filtering.at
        case .dead(let failure):
            code = failure.error.code.rawValue
            at = failure.at
            attempts = failure.attempts
        case .blocked(let by, let error):
            origin = by.rawValue
            code = error.rawValue
        case .leased(let lease):
            worker = .init(lease.worker)
            at = lease.since
            until = lease.until
        case .waits(let upstreams, let bottom):
            waits_for = upstreams.map(\.rawValue)
            causes = bottom.map(\.rawValue)
        case .retries(let retry):
            at = retry.at
            code = retry.code.rawValue
            attempts = retry.failed
            attempt_limit = retry.limit
        case .deferred(let until, _): at = until
        case .queued(let before, _, _), .windowFull(let before, _), .rateLimited(_, let before), .jobLimited(_, _, _, let before): ahead = before
        case .stagePaused(let control): at = control.changedAt
        case .noCoordinator(let since): at = since
        case .unplanned, .jobStopped, .brokerBlocked, .noWorker, .outranked, .miscounted, .lost: break
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
