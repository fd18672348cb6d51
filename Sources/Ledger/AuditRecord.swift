import FleetModel
import Foundation

/// What somebody did to the fleet, and how far it reached.
public struct AuditRecord: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
        case jobPause = "job.pause"
        case jobResume = "job.resume"
        case jobCancel = "job.cancel"
        case jobPriority = "job.priority"
        case jobLimit = "job.limit"
        case jobBudget = "job.budget"
        case stagePause = "stage.pause"
        case stageResume = "stage.resume"
        case stageRate = "stage.rate"
        case workerDrain = "worker.drain"
        case failuresRetry = "failures.retry"
        case failuresDiscard = "failures.discard"
        case failuresRestore = "failures.restore"
        case resultsInvalidate = "results.invalidate"
        case jobDelete = "job.delete"
        case ledgerCollect = "ledger.collect"
    }

    public var id: Int64
    public var at: Date
    /// user@host
    public var who: String
    /// An ``Action``, or one of a newer program.
    public var action: String
    /// What it was done to, and how: a JSON object.
    public var filter: String
    /// How many jobs, stages, workers or tasks it changed.
    public var count: Int
}
