import CPostgres
import Glibc
import Synchronization

/// A cancel request on its way. libpq sends it over a connection of its own and blocks until the server has answered, so it gets a thread of its own.
final class CancelRequest: Sendable {
    private let finished = Atomic(false)

    /// The server has passed the request on, or could not be reached: it can no longer hit a later statement.
    var isFinished: Bool { finished.load(ordering: .acquiring) }

    /// What the thread needs. Confined to that thread once started; `PQcancel` may run beside the connection's own thread.
    private final class Work: @unchecked Sendable {
        let handle: OpaquePointer
        let request: CancelRequest
        let wake: WakeSignal

        init(handle: OpaquePointer, request: CancelRequest, wake: WakeSignal) {
            self.handle = handle
            self.request = request
            self.wake = wake
        }

        deinit { PQfreeCancel(handle) }
    }

    private init() {}

    /// - Parameter connection: a live `PGconn`; only read here, during the call.
    /// - Returns: nil if the request could not be made, for want of memory or threads.
    static func send(for connection: OpaquePointer, wake: WakeSignal) -> CancelRequest? {
        guard let handle = PQgetCancel(connection) else { return nil }
        let request = CancelRequest()
        let reference = Unmanaged.passRetained(Work(handle: handle, request: request, wake: wake))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            // Takes over the reference made for this thread.
            let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
            var message = [CChar](repeating: 0, count: 256)
            // A failure needs no report: the statement then ends by the watch's grace.
            _ = PQcancel(work.handle, &message, Int32(message.count))
            work.request.finished.store(true, ordering: .releasing)
            work.wake.raise()
            return nil
        }, reference.toOpaque())
        guard status == 0 else {
            reference.release()
            return nil
        }
        pthread_detach(thread)
        return request
    }
}
