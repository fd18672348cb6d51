import Ledger
import Synchronization

/// Under which number the ledger knows this worker. It is given a new one when the ledger has forgotten it.
final class WorkerIdentity: Sendable {
    private let id: Mutex<WorkerID>

    init(_ id: WorkerID) { self.id = Mutex(id) }

    var current: WorkerID {
        get { id.withLock { $0 } }
        set { id.withLock { $0 = newValue } }
    }
}
