/// How many connections a process of the fleet holds at most.
public struct ConnectionBudget: Sendable, Equatable {
    /// The pool's.
    public var pool: Int
    /// Beside the pool, for wake-ups.
    public var listeners: Int
    /// To the broker.
    public var broker: Int

    public var database: Int { pool + listeners }

    /// One publisher a lane.
    public static let coordinator = ConnectionBudget(pool: 6, listeners: 1, broker: 2)

    /// A batch takes a connection only to claim and to settle, so ten carry any number of stages.
    public static func worker(stages: Int) -> ConnectionBudget { ConnectionBudget(pool: min(4 + stages, 10), listeners: 0, broker: 1) }
}
