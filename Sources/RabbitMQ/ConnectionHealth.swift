/// How a connection is, readable from any thread even while its own thread is stuck.
public struct ConnectionHealth: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case connecting, connected, reconnecting, closed }

    public var state: State
    /// Subscriptions that the broker has accepted on the present connection.
    public var consumersRegistered: Int
    /// Subscriptions that are wanted, without the paused ones.
    public var consumersWanted: Int
    /// Time since the connection's loop last went round; it does at least once a second while open.
    public var sinceLastTick: Duration
    /// The broker's reason while an alarm keeps it from taking messages.
    public var blockedReason: String?
    /// How often the connection was lost and opened again.
    public var reconnects: Int
    public var serverVersion: String?
    public var lastError: RabbitMQError?

    /// Connected, every wanted consumer registered, and the loop alive within `limit`.
    public func isLive(within limit: Duration = .seconds(10)) -> Bool {
        state == .connected && consumersRegistered >= consumersWanted && sinceLastTick <= limit
    }
}

/// What happened to a connection.
public enum ConnectionEvent: Sendable {
    /// Logged in, topology declared. Generations count from 1.
    case connected(generation: Int)
    /// What was sent and not confirmed, and what was delivered and not acknowledged, on that generation is open again.
    case lost(generation: Int, RabbitMQError)
    case closed
}
