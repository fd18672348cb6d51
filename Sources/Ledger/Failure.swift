import FleetModel
import Foundation

public struct FailureCount: Sendable {
    public var stage: StageName
    public var code: FleetError.Code
    public var failureClass: FailureClass
    public var count: Int
    /// How many of them were put aside.
    public var discarded: Int
    /// One of the messages.
    public var example: String
    /// When the last of them died.
    public var latest: Date
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

    public var failureClass: FailureClass { FailureClass(error) }
}

/// One failed attempt.
public struct AttemptRecord: Sendable {
    public var attempt: Int
    public var at: Date
    public var worker: WorkerID?
    public var error: FleetError
    public var duration: Duration
}

/// A task with its failed attempts.
public struct TaskHistory: Sendable {
    /// How it ended without a result, if it did.
    public enum Ending: Sendable {
        case dead(Failure)
        case filtered(reason: String, at: Date)
    }

    public var task: Int64
    public var stage: StageName
    public var clipKey: String
    public var state: TaskState
    public var ending: Ending?
    /// Oldest first, also those from before the task was run again.
    public var attempts: [AttemptRecord]
}
