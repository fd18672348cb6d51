import FleetModel
import Foundation

extension ClipTimeline.Event {
    /// A stable name, for scripts.
    public var code: String {
        switch self {
        case .ingested: "clip.ingested"
        case .submitted: "job.submitted"
        case .planned: "job.planned"
        case .failed: "attempt.failed"
        case .workerLost: "worker.lost"
        case .done(_, let isReused, _): isReused ? "done.reused" : "done"
        case .filtered: "filtered"
        case .dead(_, let isDiscarded): isDiscarded ? "dead.discarded" : "dead"
        case .leased(_, let isStarted): isStarted ? "leased.started" : "leased"
        case .action(_, let what, _): what
        case .runsAgain: "runs_again"
        }
    }

    public var error: FleetError? {
        switch self {
        case .failed(_, let error, _), .dead(let error, _): error
        default: nil
        }
    }
}

extension ClipTimeline {
    /// What happened, in a few words.
    public func text(of entry: Entry) -> String {
        switch entry.event {
        case .ingested: "the clip was ingested as this job reads it"
        case .submitted(let id): "job \(id) was submitted"
        case .planned(let id): "job \(id) was planned to its end"
        case .failed(let number, let error, let isFirst): (isFirst ? "counted anew after a retry; " : "") + "attempt \(number) failed: \(error)"
        case .workerLost(let strike): "the worker went silent with the task started (\(strike) by now)"
        case .done(let madeFor, let isReused, let isDegraded):
            "done" + (isReused ? ", for \(madeFor.map { "job \($0)" } ?? "a job that is gone"): reused here"
                      : madeFor != job ? madeFor.map { ", for job \($0), which shares it" } ?? "" : "") + (isDegraded ? ", by a declared fallback" : "")
        case .filtered(let reason, let origin): origin == entry.stage ? "filtered: \(reason)" : "follows \(origin), which was filtered: \(reason)"
        case .dead(let error, let isDiscarded): (isDiscarded ? "dead and discarded: " : "dead: ") + "\(error.code)"
        case .leased(let until, let isStarted): (isStarted ? "begun" : "leased") + ", until \(TimeText.instant(until, now: now)) at least"
        case .action(let who, let what, let filter): "\(what) by \(who): \(filter)"
        case .runsAgain(let reason): "runs again, after: \(reason)"
        }
    }
}
