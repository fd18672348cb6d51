import FleetModel
import RabbitMQ

/// A stage's queue in the broker.
public struct BrokerQueue: Hashable, Sendable, CustomStringConvertible {
    public var stage: StageName
    /// A new version of a stage has a queue of its own, so that old workers never run new tasks.
    public var version: Int
    public var lane: Lane

    public init(stage: StageName, version: Int, lane: Lane) {
        self.stage = stage
        self.version = version
        self.lane = lane
    }

    public var name: String { "mvfleet.\(stage).v\(version).\(lane.name)" }
    public var description: String { name }

    /// A broker drops a message after so many deliveries. Attempts are counted in the ledger; this is a backstop against a message that nobody can hold.
    static let deliveryLimit = 20

    var declaration: QueueDeclaration {
        var queue = QueueDeclaration.quorum(name, deliveryLimit: BrokerQueue.deliveryLimit)
        // Its messages are hints; the tokens stand in the ledger, and are sent again.
        queue.isReplaceable = true
        return queue
    }
}

extension Topology {
    /// What the broker must hold for these stages: one quorum queue per stage, version and lane, on the default exchange. A pure function.
    public static func fleet(_ catalogue: StageCatalogue) -> Topology {
        Topology(queues: catalogue.entries.flatMap { entry in
            Lane.allCases.map { BrokerQueue(stage: entry.descriptor.name, version: entry.descriptor.version, lane: $0).declaration }
        })
    }
}
