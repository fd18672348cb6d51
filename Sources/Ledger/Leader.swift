import Foundation

/// Who leads, as the ledger knows it.
public struct Leader: Sendable, Equatable {
    /// Its lease stands.
    public var leads: Bool
    /// When its lease ends or ended; nil where it was given up, or nobody ever led.
    public var until: Date?
    /// nil where it is too old to describe itself.
    public var identity: CoordinatorIdentity?
    public var since: Date?
    /// When its dispatcher last went through all queues.
    public var dispatchedAt: Date?
    /// What keeps it from dispatching: the broker's alarm, or that it cannot be reached.
    public var hindrance: String?

    public init(leads: Bool, until: Date? = nil, identity: CoordinatorIdentity? = nil, since: Date? = nil, dispatchedAt: Date? = nil, hindrance: String? = nil) {
        self.leads = leads
        self.until = until
        self.identity = identity
        self.since = since
        self.dispatchedAt = dispatchedAt
        self.hindrance = hindrance
    }
}

extension Leader {
    static let remedyOfHindrance = "mend the broker (rabbitmqctl status names its alarms, deploy/runbook.md what to do); what is ready is kept, and dispatched as soon as the broker takes it"
}

/// What a coordinator says of itself when it leads.
public struct CoordinatorIdentity: Sendable, Equatable {
    public var host: String
    public var pid: Int32
    public var version: String

    public init(host: String, pid: Int32, version: String) {
        self.host = host
        self.pid = pid
        self.version = version
    }
}
