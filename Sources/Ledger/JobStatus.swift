import FleetModel
import Foundation

public enum JobState: Int16, Sendable, Codable, CaseIterable {
    /// Live: what is planned runs already.
    case planning = 0
    case running = 1
    case paused = 2
    case cancelled = 3
    /// Nothing of it can run any more. A retry of a dead task reopens it.
    case finished = 4

    public var name: String {
        switch self {
        case .planning: "planning"
        case .running: "running"
        case .paused: "paused"
        case .cancelled: "cancelled"
        case .finished: "finished"
        }
    }
}

/// A job and its sums over all stages, in tasks.
public struct JobSummary: Sendable {
    public var id: JobID
    public var name: String
    public var collection: String
    public var lane: Lane
    public var priority: Int
    public var state: JobState
    /// False while clips are still to be planned, whatever the state.
    public var isPlanned: Bool
    public var submittedAt: Date
    public var finishedAt: Date?
    public var clipsPlanned: Int
    /// Known once planning began.
    public var clipsTotal: Int
    public var total: Int
    public var done: Int
    public var reused: Int
    public var filtered: Int
    /// Failed for good, and not put aside.
    public var dead: Int
    /// Failed for good, and put aside.
    public var discarded: Int
    /// How many tasks may be out (sent or leased) at once; nil without a limit.
    public var limit: Int?

    /// Tasks that have not ended.
    public var open: Int { total - done - reused - filtered - dead - discarded }
}

/// A job with its stages.
public struct JobStatus: Sendable {
    public var summary: JobSummary
    /// The caller's own JSON, as submitted.
    public var options: String
    /// In topological order.
    public var stages: [StageCounts]
}

/// Where the tasks of one stage of a job stand: `total = waiting + ready + running + delayed + done + reused + filtered + dead + discarded + blocked`.
public struct StageCounts: Sendable, Equatable {
    public var stage: StageName
    public var version: Int
    public var total: Int
    public var waiting: Int
    public var ready: Int
    public var running: Int
    public var delayed: Int
    /// Ended with a result since they were planned.
    public var done: Int
    /// Had their result before.
    public var reused: Int
    public var filtered: Int
    /// Failed for good, and not put aside.
    public var dead: Int
    /// Failed for good, and put aside.
    public var discarded: Int
    /// Wait behind a dead task.
    public var blocked: Int

    public init(stage: StageName, version: Int, total: Int = 0, waiting: Int = 0, ready: Int = 0, running: Int = 0, delayed: Int = 0, done: Int = 0,
                reused: Int = 0, filtered: Int = 0, dead: Int = 0, discarded: Int = 0, blocked: Int = 0) {
        self.stage = stage
        self.version = version
        self.total = total
        self.waiting = waiting
        self.ready = ready
        self.running = running
        self.delayed = delayed
        self.done = done
        self.reused = reused
        self.filtered = filtered
        self.dead = dead
        self.discarded = discarded
        self.blocked = blocked
    }
}
