import FleetModel

/// A queue of the ledger that may be served: its job is live, and its stage is not paused.
public struct OpenQueue: Sendable, Hashable {
    public var id: Int32
    public var stage: StageName
    /// The stage's algorithm version: part of the broker's queue name, so that an old worker never runs a new recipe.
    public var version: Int
    public var lane: Lane
    public var job: JobID
    /// Higher goes first within the lane.
    public var priority: Int
    /// How many tasks of the job may be out (sent or leased) at once.
    public var jobLimit: Int?
    /// How many tasks of the stage the whole fleet may begin in a second.
    public var stageRate: Double?

    public init(id: Int32, stage: StageName, version: Int, lane: Lane, job: JobID, priority: Int = 0, jobLimit: Int? = nil, stageRate: Double? = nil) {
        self.id = id
        self.stage = stage
        self.version = version
        self.lane = lane
        self.job = job
        self.priority = priority
        self.jobLimit = jobLimit
        self.stageRate = stageRate
    }
}
