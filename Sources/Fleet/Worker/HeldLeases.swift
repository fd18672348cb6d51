import Ledger
import Synchronization

/// The leases that a worker has at hand. Its heartbeat keeps these, and lets all others run out.
///
/// Never inlined, for ``DrainSignal``'s reason.
final class HeldLeases: Sendable {
    private let leases = Mutex<Set<LeaseRef>>([])

    var all: Set<LeaseRef> {
        @inline(never) get { leases.withLock { $0 } }
    }

    @inline(never)
    func add(_ more: [LeaseRef]) {
        leases.withLock { $0.formUnion(more) }
    }

    @inline(never)
    func remove(_ ended: [LeaseRef]) {
        leases.withLock { $0.subtract(ended) }
    }
}
