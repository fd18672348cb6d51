/// Where a task stands for good. Waiting, ready, running and delayed are not states: a row in the table of that name says so.
public enum TaskState: Int16, Sendable, Codable, CaseIterable {
    case open = 0
    case done = 3
    case filtered = 4
    case dead = 5
}

/// What a message carries: the promise that a row `(queue, seq)` of the ready table stood when it was sent.
public struct ReadyToken: Hashable, Sendable {
    /// Which life of the ledger this belongs to; a restore from a backup begins a new one.
    public var epoch: Int64
    /// The ledger's queue: stage, stage version, lane and job.
    public var queue: Int32
    /// Generation and fence in one number.
    public var seq: Int64
    public var task: Int64

    public init(epoch: Int64, queue: Int32, seq: Int64, task: Int64) {
        self.epoch = epoch
        self.queue = queue
        self.seq = seq
        self.task = task
    }
}

/// How one item of a batch ended. All but the last are normal endings and never thrown.
public enum Outcome<Output: Sendable>: Sendable {
    case completed(Output)
    /// Completed by a fallback that the recipe declares, in place of its own method; the result is marked.
    case degraded(Output)
    /// The clip does not belong in the dataset; what depends on this ends as filtered too.
    case filtered(reason: String)
    /// Not now: run again after `by`, without counting an attempt.
    case deferred(by: Duration, reason: String)
    case failed(FleetError)

    public func map<Mapped: Sendable>(_ transform: (Output) throws -> Mapped) rethrows -> Outcome<Mapped> {
        switch self {
        case .completed(let output): .completed(try transform(output))
        case .degraded(let output): .degraded(try transform(output))
        case .filtered(let reason): .filtered(reason: reason)
        case .deferred(let by, let reason): .deferred(by: by, reason: reason)
        case .failed(let error): .failed(error)
        }
    }
}

/// What a worker writes for one claimed task.
public struct Settlement: Sendable {
    public var task: Int64
    public var seq: Int64
    /// Canonical JSON text when completed.
    public var outcome: Outcome<String>
    /// True where a declared fallback answered in place of the recipe's own method.
    public var degraded: Bool
    public var duration: Duration
    /// For `failed` and retriable: when to try again; nil ends the task as dead.
    public var retryAfter: Duration?

    public init(task: Int64, seq: Int64, outcome: Outcome<String>, degraded: Bool = false, duration: Duration, retryAfter: Duration? = nil) {
        self.task = task
        self.seq = seq
        self.outcome = outcome
        self.degraded = if case .degraded = outcome { true } else { degraded }
        self.duration = duration
        self.retryAfter = retryAfter
    }
}

/// What became of a settlement.
public enum SettlementOutcome: Sendable, Equatable {
    case recorded
    /// The lease had ended and the fence refused it: somebody else has, or will have, the task.
    case refused
}
