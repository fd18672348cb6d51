import FleetModel
import Foundation

/// Where one stage of a clip stands in a job, and why it does not run where it does not.
public enum StageReason: Sendable, Equatable {
    // Ended.
    case done(StageCompletion)
    case filtered(StageFiltering)
    case dead(StageFailure)
    /// Something upstream is dead: it runs when that is retried and ends well.
    case blocked(by: StageName, code: FleetError.Code)

    // Under way.
    case leased(StageLease)

    // Not yet.
    /// The planner has not come to this clip.
    case unplanned(plannedTo: String, clips: Int, of: Int)
    /// `causes`: the stages at the bottom of the waiting, whose own reasons are the cause of this one.
    case waits(for: [StageName], causes: [StageName])
    case retries(StageRetry)
    case deferred(until: Date, reason: String)
    /// The job whose queue it stands in is paused, cancelled or finished.
    case jobStopped(JobID, JobState)
    case stagePaused(StageControl)
    /// No coordinator leads, so nothing is dispatched.
    case noCoordinator(since: Date?)
    /// The broker takes no messages, or cannot be reached.
    case brokerBlocked(String)
    /// Nobody serves this version of the stage.
    case noWorker(StageWorkers)
    /// As many of the job's tasks are out as may be.
    case jobLimited(JobID, limit: Int, leased: Int, ahead: Int)
    /// Jobs of higher priority fill the window.
    case outranked(by: [JobID], ready: Int)
    /// Not dispatched yet: others of its job stand before it.
    case windowFull(ahead: Int, share: Int)
    case rateLimited(perSecond: Double, ahead: Int)
    /// In the broker's queue, next to be claimed. No earlier than `since`.
    case queued(ahead: Int, since: Date, workers: StageWorkers)

    // What should never be.
    /// It counts upstreams, and none of them is to come.
    case miscounted(waiting: Int)
    /// It can run, and nothing says so: no ready row, no lease, no date.
    case lost
}

/// A stage's result.
public struct StageCompletion: Sendable, Equatable {
    public var at: Date
    public var worker: WorkerReference
    public var duration: Duration
    public var isDegraded: Bool
    /// The job that it was made for; nil where that job is gone.
    public var job: JobID?
    /// It was there before the asked job was submitted.
    public var isReused: Bool

    public init(at: Date, worker: WorkerReference, duration: Duration, isDegraded: Bool = false, job: JobID?, isReused: Bool = false) {
        self.at = at
        self.worker = worker
        self.duration = duration
        self.isDegraded = isDegraded
        self.job = job
        self.isReused = isReused
    }
}

public struct StageFiltering: Sendable, Equatable {
    public var at: Date
    public var reason: String
    /// The stage whose verdict it is.
    public var origin: StageName

    public init(at: Date, reason: String, origin: StageName) {
        self.at = at
        self.reason = reason
        self.origin = origin
    }
}

public struct StageFailure: Sendable, Equatable {
    public var at: Date
    public var error: FleetError
    public var attempts: Int
    public var strikes: Int
    public var isDiscarded: Bool

    public init(at: Date, error: FleetError, attempts: Int, strikes: Int = 0, isDiscarded: Bool = false) {
        self.at = at
        self.error = error
        self.attempts = attempts
        self.strikes = strikes
        self.isDiscarded = isDiscarded
    }
}

public struct StageLease: Sendable, Equatable {
    public var worker: WorkerReference
    public var since: Date
    public var until: Date
    /// False while it waits in its worker's batch, and for stages whose work is done by child processes.
    public var isStarted: Bool
    /// When the worker was last heard of; nil where it has said goodbye.
    public var workerSeenAt: Date?

    public init(worker: WorkerReference, since: Date, until: Date, isStarted: Bool, workerSeenAt: Date?) {
        self.worker = worker
        self.since = since
        self.until = until
        self.isStarted = isStarted
        self.workerSeenAt = workerSeenAt
    }
}

public struct StageRetry: Sendable, Equatable {
    public var at: Date
    public var code: FleetError.Code
    public var message: String
    /// Attempts that failed.
    public var failed: Int
    /// How many may fail before it is dead, where the asking program knows the stage.
    public var limit: Int?

    public init(at: Date, code: FleetError.Code, message: String, failed: Int, limit: Int? = nil) {
        self.at = at
        self.code = code
        self.message = message
        self.failed = failed
        self.limit = limit
    }
}

/// A worker as people look for it.
public struct WorkerReference: Sendable, Equatable {
    public var id: WorkerID
    /// nil where the ledger has forgotten it.
    public var host: String?
    public var pid: Int32?
    public var version: String?

    public init(id: WorkerID, host: String? = nil, pid: Int32? = nil, version: String? = nil) {
        self.id = id
        self.host = host
        self.pid = pid
        self.version = version
    }
}

/// The live workers of one stage, by what they can do for one version of it.
public struct StageWorkers: Sendable, Equatable {
    /// Consume, and serve the version or do not say which they serve.
    public var serving: Int
    /// Serve other versions, and which.
    public var otherVersions: [Int]
    public var draining: Int
    /// Live, and by their own word consume nothing.
    public var deaf: Int

    public init(serving: Int = 0, otherVersions: [Int] = [], draining: Int = 0, deaf: Int = 0) {
        self.serving = serving
        self.otherVersions = otherVersions
        self.draining = draining
        self.deaf = deaf
    }
}
