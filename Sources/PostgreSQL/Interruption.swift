import CPostgres
import Glibc
import Synchronization

/// Wakes a connection's thread out of its wait for the socket.
final class WakeSignal: Sendable {
    /// An eventfd, non-blocking; owned.
    let descriptor: Int32
    private let closing = Atomic(false)

    init() throws {
        descriptor = cpg_wake_descriptor()
        guard descriptor >= 0 else { throw PostgreSQLError(.resources, "no file descriptor for a database connection: raise the open files limit (ulimit -n)", isRetriable: true) }
    }

    deinit { Glibc.close(descriptor) }

    func raise() {
        var one: UInt64 = 1
        _ = Glibc.write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor, &count, 8)
    }

    /// Whatever runs on the connection is to end now.
    func close() {
        closing.store(true, ordering: .releasing)
        raise()
    }

    var isClosing: Bool { closing.load(ordering: .acquiring) }
}

/// One caller's wish to stop, told from any thread.
final class CancellationToken: Sendable {
    private let flag = Atomic(false)
    private let wake: WakeSignal

    init(_ wake: WakeSignal) { self.wake = wake }

    func cancel() {
        flag.store(true, ordering: .releasing)
        wake.raise()
    }

    var isCancelled: Bool { flag.load(ordering: .acquiring) }
}

/// Decides when a running statement is asked to stop, and when its connection is given up. Pure.
package struct StatementWatch {
    package enum Reason: Equatable, Sendable { case deadline, cancelled, closing }

    package enum Step: Equatable {
        /// Wait for the socket, until this instant at the latest.
        case wait(until: ContinuousClock.Instant?)
        /// Send a cancel request, then go on waiting.
        case requestCancel
        /// The server does not answer even that: drop the connection.
        case abandon(Reason)
    }

    /// How long the server may take to answer a cancel request.
    package static let grace = Duration.seconds(5)
    package static let graceOnClosing = Duration.seconds(1)

    private var deadline: ContinuousClock.Instant?
    package private(set) var reason: Reason?

    package init(deadline: ContinuousClock.Instant?) { self.deadline = deadline }

    package mutating func next(now: ContinuousClock.Instant, isCancelled: Bool, isClosing: Bool) -> Step {
        if let reason {
            if let deadline, now >= deadline { return .abandon(reason) }
            return .wait(until: deadline)
        }
        guard let found: Reason = isClosing ? .closing : isCancelled ? .cancelled : deadline.map({ now >= $0 }) == true ? .deadline : nil else {
            return .wait(until: deadline)
        }
        reason = found
        deadline = now + (found == .closing ? Self.graceOnClosing : Self.grace)
        return .requestCancel
    }
}
