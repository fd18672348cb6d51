import FaultStages
import Fleet
import Glibc
import Synchronization

/// Counts how often a place was passed, and strikes at the one that was asked for.
final class Passages: Sendable {
    private let fault: ProcessFault
    private let count = Mutex(0)

    init(_ fault: ProcessFault) { self.fault = fault }

    @inline(never)
    func pass(_ point: FaultPoint) {
        guard point == fault.point else { return }
        let passage = count.withLock { count in
            count += 1
            return count
        }
        guard passage == fault.passage else { return }
        kill(getpid(), fault.kind == .kill ? SIGKILL : SIGSTOP)
    }
}

final class SignalCount: Sendable {
    private let count = Mutex(0)

    @inline(never)
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
