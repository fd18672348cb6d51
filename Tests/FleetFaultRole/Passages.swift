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
        // A signal to a process may take effect a moment after kill() returns; this thread must not get any further before it does.
        repeat { usleep(200_000) } while fault.kind == .kill
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
