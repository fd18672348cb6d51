import CRabbitMQ
import Glibc
import Synchronization

/// The one thread of a connection, as the executor of the actor that owns the connection.
///
/// Between jobs it sleeps in `poll` on its event descriptor and the connection's socket, and wakes at least once a second, so
/// that heartbeats are served however long the handlers of messages run elsewhere. The thread ends once ``stop()`` was called
/// and no job is left; the owner does so when it goes away, and by then there are no jobs any more.
///
/// `@unchecked Sendable`: `shared` is behind a mutex, `wakeDescriptor` is constant, and the variables marked *loop* are
/// touched by the loop's thread only.
final class ConnectionLoop: SerialExecutor, @unchecked Sendable {
    /// What a round of the loop saw on the socket.
    struct Readiness { var isReadable: Bool, isWritable: Bool }

    private struct Shared {
        var jobs: [UnownedJob] = []
        var isAsleep = false
        var isStopping = false
        var thread: pthread_t?
    }

    static let tick = Duration.seconds(1)

    private let shared = Mutex(Shared())
    private let wakeDescriptor: Int32

    /// *loop*: the socket to watch, or -1.
    var socket: Int32 = -1
    /// *loop*: whether to wake when the socket takes data again.
    var wantsToWrite = false
    /// *loop*: asked before every sleep, when to call the handler even if nothing happens; it is called at the latest after a tick.
    var nextWake: (@Sendable () -> ContinuousClock.Instant?)?
    /// *loop*: called in every round, on the loop's thread.
    var handler: (@Sendable (Readiness) -> Void)?

    /// - Throws: ``RabbitMQError`` `rabbitmq.system_resource` where no descriptor or thread is to be had.
    init() throws(RabbitMQError) {
        wakeDescriptor = eventfd(0, crabbitmq_eventfd_flags)
        guard wakeDescriptor >= 0 else {
            throw RabbitMQError(.systemResource, "no descriptor for a RabbitMQ connection; raise the limit of open files", cause: String(cString: strerror(errno)), isRetriable: true)
        }
        var thread = pthread_t()
        // The thread owns one reference to the loop, taken back by the thread itself, or here when it never started.
        let reference = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, nil, { argument in
            if let argument { Unmanaged<ConnectionLoop>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }, reference.toOpaque())
        guard status == 0 else {
            reference.release()
            throw RabbitMQError(.systemResource, "no thread for a RabbitMQ connection; raise the limit of processes", cause: String(cString: strerror(status)), isRetriable: true)
        }
        pthread_detach(thread)
    }

    deinit { if wakeDescriptor >= 0 { close(wakeDescriptor) } }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let mustWake = shared.withLock { shared in
            shared.jobs.append(unowned)
            defer { shared.isAsleep = false }
            return shared.isAsleep
        }
        if mustWake { wake() }
    }

    func checkIsolated() {
        let isLoopThread = shared.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
        precondition(isLoopThread, "this belongs to the connection's loop")
    }

    /// May be called from any thread, also twice.
    func stop() {
        shared.withLock { $0.isStopping = true }
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        // The only failure is a counter that is full already, which wakes as well.
        _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    private func run() {
        crabbitmq_name_thread("amqp")
        shared.withLock { $0.thread = pthread_self() }
        var batch: [UnownedJob] = []
        while true {
            let isStopping = shared.withLock { shared in
                swap(&shared.jobs, &batch)
                return shared.isStopping
            }
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopping && batch.isEmpty { break }
            batch.removeAll(keepingCapacity: true)
            if !isStopping { handler?(waitForEvents()) }
        }
        handler = nil
        nextWake = nil
    }

    private func waitForEvents() -> Readiness {
        let maySleep = shared.withLock { shared in
            shared.isAsleep = shared.jobs.isEmpty && !shared.isStopping
            return shared.isAsleep
        }
        let interest = Int16(POLLIN) | (wantsToWrite ? Int16(POLLOUT) : 0)
        var watched = [pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: interest, revents: 0)]
        // A negative descriptor is ignored by poll.
        let count = poll(&watched, 2, maySleep ? timeout() : 0)
        shared.withLock { $0.isAsleep = false }
        guard count > 0 else { return Readiness(isReadable: false, isWritable: false) }
        if watched[0].revents != 0 {
            var counter: UInt64 = 0
            _ = read(wakeDescriptor, &counter, MemoryLayout<UInt64>.size)
        }
        let seen = watched[1].revents
        return Readiness(isReadable: seen & ~Int16(POLLOUT) != 0, isWritable: seen & Int16(POLLOUT) != 0)
    }

    /// Milliseconds until the next wake, rounded up, at most a tick.
    private func timeout() -> Int32 {
        let left = min(nextWake?().map { $0 - .now } ?? Self.tick, Self.tick)
        guard left > .zero else { return 0 }
        return Int32(left / .milliseconds(1)) + 1
    }
}
