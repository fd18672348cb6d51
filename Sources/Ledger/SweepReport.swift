/// What one sweep did.
public struct SweepReport: Sendable, Equatable {
    /// Leases that ran out; their tasks are ready again, or quarantined.
    public var leasesEnded = 0
    public var quarantined = 0
    /// Delays that came due.
    public var due = 0
    /// Ready rows moved to the queue of a live subscriber, or removed because there is none.
    public var rerouted = 0
    /// Tasks whose count or missing ready row was put right: zero in a sound ledger.
    public var repaired = 0
    public var finished: [JobID] = []
    /// Rows inserted into the ready table.
    public var madeReady = 0
}
