import FleetModel
import Foundation

/// Which dead tasks are meant. Every condition given must hold.
public struct FailureFilter: Sendable {
    public var stage: StageName?
    public var code: FleetError.Code?
    public var job: JobID?
    /// Died at this time or later.
    public var since: Date?
    /// Died before this time.
    public var until: Date?
    public var includesDiscarded: Bool

    public init(stage: StageName? = nil, code: FleetError.Code? = nil, job: JobID? = nil, since: Date? = nil, until: Date? = nil,
                includesDiscarded: Bool = false) {
        self.stage = stage
        self.code = code
        self.job = job
        self.since = since
        self.until = until
        self.includesDiscarded = includesDiscarded
    }
}

public struct FailureCount: Sendable {
    public var stage: StageName
    public var code: FleetError.Code
    public var count: Int
    /// One of the messages.
    public var example: String
}

/// A dead task.
public struct Failure: Sendable {
    public var task: Int64
    public var stage: StageName
    /// The clip that the task was planned for (first).
    public var clipKey: String
    public var error: FleetError
    public var attempts: Int
    public var strikes: Int
    public var at: Date
    public var isDiscarded: Bool
}

/// One failed attempt.
public struct AttemptRecord: Sendable {
    public var attempt: Int
    public var at: Date
    public var worker: WorkerID?
    public var error: FleetError
    public var duration: Duration
}
