import FleetModel

/// "Bring these clips to these stages under these recipes."
public struct JobRequest: Sendable {
    public var name: String
    /// A collection that was ingested before.
    public var collection: String
    public var lane: Lane
    /// Higher goes first within the lane.
    public var priority: Int
    public var graph: StageGraph
    /// True takes dead tasks of earlier jobs as they are; false runs them again.
    public var inheritsDead: Bool
    /// Only these clips; nil takes all that the collection has when it is planned.
    public var keys: [String]?
    /// The caller's own JSON, kept with the job.
    public var options: String

    public init(name: String, collection: String, lane: Lane = .bulk, priority: Int = 0, graph: StageGraph, inheritsDead: Bool = false,
                keys: [String]? = nil, options: String = "{}") {
        self.name = name
        self.collection = collection
        self.lane = lane
        self.priority = priority
        self.graph = graph
        self.inheritsDead = inheritsDead
        self.keys = keys
        self.options = options
    }
}
