import FleetModel
import Synchronization

/// When each lane's dispatcher last went through all its queues. Locks are taken in functions that are never inlined, for ``DrainSignal``'s reason.
package final class DispatchProgress: Sendable {
    private let passes: Mutex<[Lane: ContinuousClock.Instant]>

    package init(lanes: [Lane], since start: ContinuousClock.Instant) {
        passes = Mutex(Dictionary(uniqueKeysWithValues: lanes.map { ($0, start) }))
    }

    @inline(never)
    package func passed(_ lane: Lane, at now: ContinuousClock.Instant) {
        passes.withLock { $0[lane] = now }
    }

    /// Of the lane that is behind.
    @inline(never)
    package func oldest() -> ContinuousClock.Instant? {
        passes.withLock { $0.values.min() }
    }
}
