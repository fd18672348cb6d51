import FleetModel
import RabbitMQ
import Synchronization

/// How each lane's dispatcher is doing. Locks are taken in functions that are never inlined, for ``DrainSignal``'s reason.
package final class DispatchProgress: Sendable {
    private struct State {
        /// When it last went through all its queues.
        var passes: [Lane: ContinuousClock.Instant]
        var connections: [Lane: @Sendable () -> ConnectionHealth] = [:]
    }

    private let state: Mutex<State>

    package init(lanes: [Lane], since start: ContinuousClock.Instant) {
        state = Mutex(State(passes: Dictionary(uniqueKeysWithValues: lanes.map { ($0, start) })))
    }

    @inline(never)
    package func passed(_ lane: Lane, at now: ContinuousClock.Instant) {
        state.withLock { $0.passes[lane] = now }
    }

    @inline(never)
    package func publishes(_ lane: Lane, with health: @escaping @Sendable () -> ConnectionHealth) {
        state.withLock { $0.connections[lane] = health }
    }

    /// Of the lane that is behind.
    @inline(never)
    package func oldest() -> ContinuousClock.Instant? {
        state.withLock { $0.passes.values.min() }
    }

    /// Why the broker takes nothing from one of the lanes; nil where nothing is known to be in the way.
    package func hindrance() -> String? {
        connections().lazy.map { $0() }.compactMap(Self.hindrance).first
    }

    @inline(never)
    private func connections() -> [@Sendable () -> ConnectionHealth] {
        state.withLock { Array($0.connections.values) }
    }

    package static func hindrance(_ health: ConnectionHealth) -> String? {
        if let reason = health.blockedReason { return "RabbitMQ takes no messages (\(reason))" }
        if health.state == .connected { return nil }
        return "RabbitMQ cannot be reached" + (health.lastError.map { " (\($0.message))" } ?? "")
    }
}
