/// How long a coordinator waits for what. The defaults suit a fleet of any size; tests shorten them.
public struct CoordinatorTiming: Sendable {
    /// How long a leader that says nothing stays leader.
    public var leaderLease: Duration = .seconds(6)
    /// How often a leader renews its lease, and another asks for it.
    public var renewal: Duration = .seconds(2)
    public var sweepInterval: Duration = .seconds(1)
    /// After the ledger was away, or the lead was taken, leases are ended only so much later: workers that live extend theirs first. Two heartbeats.
    public var leaseMercy: Duration = .seconds(10)
    /// Partitions of history are made ahead, and dropped, about once an hour.
    public var tendingInterval: Duration = .seconds(3600)
    /// A job whose planner has made no progress for so long has lost it.
    public var planningStall: Duration = .seconds(10)
    /// How often jobs without a planner are looked for.
    public var adoptionInterval: Duration = .seconds(2)
    /// A token that has been out for so long while its queue is empty was lost on the way.
    public var lossAfter: Duration = .seconds(10)
    /// How often alarms are looked for; each kind is logged at most once a minute.
    public var alarmInterval: Duration = .seconds(15)

    public init() {}
}
