/// The ledger's own numbers. The defaults are the measured ones.
public struct LedgerPolicy: Sendable {
    /// A task that this many workers died with, once each started it, is dead as `task.quarantined`.
    public var strikesUntilQuarantine = 3
    /// Clips planned in one transaction: long enough to amortise the commit, short enough that a kill repeats little.
    public var clipsPerPlanChunk = 2_000
    /// Rows that one statement of the sweeper takes at most.
    public var sweepBatch = 2_000
    /// Clips of each live job whose tasks one sweep audits.
    public var auditedClipsPerSweep = 500
    /// How long history (attempts, events) is kept.
    public var historyKept: Duration = .seconds(90 * 86_400)
    /// How long what people did is kept.
    public var auditKept: Duration = .seconds(400 * 86_400)
    /// A superseded version of a clip stays for so long at least: a planner may hold it that read it before the next one came.
    public var leastGraceOfClipVersions: Duration = .seconds(900)

    public init() {}
}
