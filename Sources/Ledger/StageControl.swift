import FleetModel
import Foundation

/// What people set for a stage while the fleet runs. It holds for all jobs and both lanes, until it is set otherwise.
public struct StageControl: Sendable, Equatable {
    public var stage: StageName
    /// Nothing of it is dispatched or claimed; what runs goes on.
    public var isPaused: Bool
    /// How many tasks the whole fleet may begin in a second; nil without a limit.
    public var rate: Double?
    /// nil where nothing was ever set.
    public var changedAt: Date?
    /// user@host
    public var changedBy: String?

    public init(stage: StageName, isPaused: Bool = false, rate: Double? = nil, changedAt: Date? = nil, changedBy: String? = nil) {
        self.stage = stage
        self.isPaused = isPaused
        self.rate = rate
        self.changedAt = changedAt
        self.changedBy = changedBy
    }
}

/// A stage's control with what stands in its queues, over all jobs.
public struct StageOverview: Sendable {
    public var control: StageControl
    public var ready: Int
    public var running: Int
    public var delayed: Int
    /// Failed for good and not put aside.
    public var dead: Int
    /// Alive within the last minute, and not draining.
    public var workers: Int
}
