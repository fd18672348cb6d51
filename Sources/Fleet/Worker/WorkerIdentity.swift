import Ledger
import Synchronization

/// Under which number the ledger knows this worker. It is given a new one when the ledger has forgotten it.
/// Never inlined, for ``DrainSignal``'s reason.
final class WorkerIdentity: Sendable {
    private let id: Mutex<WorkerID>

    init(_ id: WorkerID) { self.id = Mutex(id) }

    var current: WorkerID {
        @inline(never) get { id.withLock { $0 } }
        @inline(never) set { id.withLock { $0 = newValue } }
    }
}
