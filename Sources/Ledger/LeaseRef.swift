import FleetModel

/// A lease by task and fence.
public struct LeaseRef: Hashable, Sendable {
    public var task: Int64
    public var seq: Int64

    public init(task: Int64, seq: Int64) {
        self.task = task
        self.seq = seq
    }

    public init(_ claim: Claim) {
        self.init(task: claim.task, seq: claim.seq)
    }
}
