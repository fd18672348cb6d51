import FleetModel

/// Something that will not mend itself, or not soon: what it is, and what a person can do.
public struct Alarm: Sendable, Equatable {
    public enum Severity: String, Sendable, Comparable {
        /// The fleet works; somebody should know.
        case warning
        /// Work stands still, or will.
        case fault

        public static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .fault }
    }

    /// A stable, dotted name of the kind.
    public var code: FleetError.Code
    public var severity: Severity
    public var message: String
    public var remedy: String

    public init(_ code: FleetError.Code, _ severity: Severity, _ message: String, remedy: String) {
        self.code = code
        self.severity = severity
        self.message = message
        self.remedy = remedy
    }
}

/// From when on something is alarming.
public struct AlarmLimits: Sendable {
    /// A writing transaction holds back the event stream of every database of the instance.
    public var openWrite: Duration = .seconds(60)
    /// A reading one holds back vacuum; backups read for long.
    public var openRead: Duration = .seconds(1_800)
    /// Write-ahead log that a replication slot without a reader keeps on the disk.
    public var slotBytes = 1 << 30
    /// Transactions by which a slot holds vacuum back.
    public var slotAge = 1_000_000
    /// The sweeper looks each second.
    public var leaseOverdue: Duration = .seconds(15)
    /// Publishing gives up after 30 seconds; the dispatcher goes round ten times a second otherwise.
    public var dispatchStall: Duration = .seconds(40)
    /// A worker that was not heard of for longer is not live.
    public var workerSilence: Duration = .seconds(60)

    public init() {}
}
