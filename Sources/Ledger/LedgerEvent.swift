import FleetModel
import Foundation

/// A place in the event stream, of one epoch of the ledger.
public struct EventCursor: Hashable, Sendable, Codable {
    public var epoch: Int64
    public var transaction: UInt64
    public var id: Int64

    public init(epoch: Int64, transaction: UInt64, id: Int64) {
        self.epoch = epoch
        self.transaction = transaction
        self.id = id
    }
}

/// Tasks of one job and stage that ended together.
public struct LedgerEvent: Sendable {
    public var cursor: EventCursor
    public var at: Date
    public var job: JobID
    public var stage: StageName
    public var state: TaskState
    public var tasks: [Int64]
}

public struct EventPage: Sendable {
    public var events: [LedgerEvent]
    /// Give it back for the next page.
    public var next: EventCursor
    /// How long the oldest transaction that is still open, anywhere in the instance, holds the stream back.
    public var lag: Duration
}
