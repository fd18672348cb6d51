import FleetModel
import Foundation

/// What one snapshot of the ledger shows of a clip in a job: all that an explanation is made of.
public struct ClipFacts: Sendable {
    /// The database's time at the snapshot.
    public var now: Date
    public var clip: String
    public var job: Job
    /// False while the planner has not come to this clip: then no stage has a task.
    public var isPlanned: Bool
    public var leader: Leader
    /// In topological order.
    public var stages: [Stage]

    public init(now: Date, clip: String, job: Job, isPlanned: Bool = true, leader: Leader, stages: [Stage]) {
        self.now = now
        self.clip = clip
        self.job = job
        self.isPlanned = isPlanned
        self.leader = leader
        self.stages = stages
    }

    public struct Job: Sendable, Equatable {
        public var id: JobID
        public var name: String
        public var collection: String
        public var lane: Lane
        public var priority: Int
        public var state: JobState
        public var submittedAt: Date
        /// Everything up to this clip key is planned.
        public var plannedTo: String
        public var clipsPlanned: Int
        public var clipsTotal: Int

        public init(id: JobID, name: String, collection: String = "", lane: Lane = .bulk, priority: Int = 0, state: JobState = .running,
                    submittedAt: Date = .distantPast, plannedTo: String = "", clipsPlanned: Int = 0, clipsTotal: Int = 0) {
            self.id = id
            self.name = name
            self.collection = collection
            self.lane = lane
            self.priority = priority
            self.state = state
            self.submittedAt = submittedAt
            self.plannedTo = plannedTo
            self.clipsPlanned = clipsPlanned
            self.clipsTotal = clipsTotal
        }
    }

    public struct Stage: Sendable {
        public var stage: StageName
        public var version: Int
        /// Positions in `stages` of what it needs, all before its own.
        public var requires: [Int]
        public var task: Task?
        public var workers: StageWorkers
        public var control: StageControl

        public init(stage: StageName, version: Int = 1, requires: [Int] = [], task: Task? = nil, workers: StageWorkers = StageWorkers(),
                    control: StageControl? = nil) {
            self.stage = stage
            self.version = version
            self.requires = requires
            self.task = task
            self.workers = workers
            self.control = control ?? StageControl(stage: stage)
        }
    }

    public struct Task: Sendable {
        public var id: Int64
        public var state: TaskState
        /// How many upstream tasks are not done, by its own count.
        public var waiting: Int
        /// Failed attempts that count against its limit.
        public var attempts: Int
        public var strikes: Int
        public var completion: StageCompletion?
        public var filtering: StageFiltering?
        public var failure: StageFailure?
        public var lease: StageLease?
        public var delay: Delay?
        public var lastAttempt: Attempt?
        public var place: QueuePlace?

        public init(id: Int64, state: TaskState = .open, waiting: Int = 0, attempts: Int = 0, strikes: Int = 0) {
            self.id = id
            self.state = state
            self.waiting = waiting
            self.attempts = attempts
            self.strikes = strikes
        }
    }

    public struct Delay: Sendable, Equatable {
        public var runAt: Date
        public var reason: String

        public init(runAt: Date, reason: String) {
            self.runAt = runAt
            self.reason = reason
        }
    }

    public struct Attempt: Sendable, Equatable {
        public var at: Date
        public var code: FleetError.Code
        public var message: String

        public init(at: Date, code: FleetError.Code, message: String) {
            self.at = at
            self.code = code
            self.message = message
        }
    }

    /// A ready row and what shares the broker's queue with it.
    public struct QueuePlace: Sendable, Equatable {
        /// The job whose queue it stands in: another than the asked one where that shares the task and comes first.
        public var job: Job
        /// Ready rows before it in this job's queue.
        public var ahead: Int
        /// Of the same stage, version and lane, this job's queue among them; only jobs that are live.
        public var queues: [Rival]
        /// How many of the job's tasks may be out at once; nil for as many as can be.
        public var taskLimit: Int?
        /// Leases of the job's queues.
        public var leased: Int

        public init(job: Job, ahead: Int, queues: [Rival], taskLimit: Int? = nil, leased: Int = 0) {
            self.job = job
            self.ahead = ahead
            self.queues = queues
            self.taskLimit = taskLimit
            self.leased = leased
        }
    }

    /// A live job's queue.
    public struct Rival: Sendable, Equatable {
        public var job: JobID
        public var priority: Int
        /// Counted as far as twice the window.
        public var ready: Int

        public init(job: JobID, priority: Int, ready: Int) {
            self.job = job
            self.priority = priority
            self.ready = ready
        }
    }
}
