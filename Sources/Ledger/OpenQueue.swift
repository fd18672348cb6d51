import FleetModel

/// A queue of the ledger that may be served: its job is live.
public struct OpenQueue: Sendable, Hashable {
    public var id: Int32
    public var stage: StageName
    /// The stage's algorithm version: part of the broker's queue name, so that an old worker never runs a new recipe.
    public var version: Int
    public var lane: Lane
    public var job: JobID
    /// Higher goes first within the lane.
    public var priority: Int
}
