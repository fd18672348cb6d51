import FleetModel
import Foundation

/// What a worker process says of itself when it starts.
public struct WorkerRegistration: Sendable {
    /// One for each start of a process.
    public var incarnation: UUID
    public var host: String
    public var pid: Int32
    public var stages: [StageName]
    public var slots: Int
    /// The program that it runs.
    public var version: String
    /// Which version of each of its stages it serves.
    public var stageVersions: [StageName: Int]

    public init(incarnation: UUID, host: String, pid: Int32, stages: [StageName], slots: Int, version: String = MVFleetVersion.current,
                stageVersions: [StageName: Int] = [:]) {
        self.incarnation = incarnation
        self.host = host
        self.pid = pid
        self.stages = stages
        self.slots = slots
        self.version = version
        self.stageVersions = stageVersions
    }
}

/// The ledger's answer to a heartbeat.
public enum WorkerDirective: Sendable, Equatable {
    case carryOn
    /// Finish what is running, give back the rest, end.
    case drain
    /// The schema has been contracted past what this program knows: no claim of it is answered any more.
    case outdated
    /// The ledger does not know this worker, or has given up on it: register again.
    case unknown
}

public struct WorkerStatus: Sendable {
    public var id: WorkerID
    public var incarnation: UUID
    public var host: String
    public var pid: Int32
    public var stages: [StageName]
    public var slots: Int
    public var startedAt: Date
    public var seenAt: Date
    /// It said goodbye.
    public var hasEnded: Bool
    public var isDraining: Bool
    /// Its consumer is registered and its loop ticks, by its own word.
    public var isConsuming: Bool
    public var leases: Int
    /// The program that it runs; nil where that is too old to say.
    public var version: String?
    /// Which version of each of its stages it serves; without those that it did not tell.
    public var stageVersions: [StageName: Int]
}

/// Which workers are meant. Every condition given must hold.
public struct WorkerFilter: Sendable, Encodable {
    /// nil for all.
    public var ids: [WorkerID]?
    /// A host's name, or the whole of what the worker calls its host.
    public var host: String?
    /// Those that consume this stage, perhaps among others.
    public var stage: StageName?

    public init(ids: [WorkerID]? = nil, host: String? = nil, stage: StageName? = nil) {
        self.ids = ids
        self.host = host
        self.stage = stage
    }
}
