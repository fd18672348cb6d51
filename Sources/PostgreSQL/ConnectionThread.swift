import CPostgres
import Glibc
import Synchronization

/// Runs one actor's jobs on a thread of its own, where blocking C may block.
///
/// The thread lives as long as the executor, which its actor owns; every queued job holds the executor, so no job is ever left behind.
final class ConnectionThread: SerialExecutor {
    private struct Entry: Sendable {
        var job: UnownedJob
        var executor: ConnectionThread
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var isIdle = false
        var isStopped = false
    }

    /// Shared by executor and thread.
    private final class Queue: Sendable {
        let state = Mutex(State())
        /// An eventfd in blocking mode: the thread sleeps in reading it.
        let doorbell: Int32

        init() throws {
            doorbell = cpg_blocking_descriptor()
            guard doorbell >= 0 else { throw PostgreSQLError(.resources, "no file descriptor for a database connection: raise the open files limit (ulimit -n)", isRetriable: true) }
        }

        deinit { Glibc.close(doorbell) }

        func ring() {
            var one: UInt64 = 1
            _ = Glibc.write(doorbell, &one, 8)
        }

        func run() {
            while true {
                let (entries, isStopped) = state.withLock { state in
                    let taken = state.entries
                    state.entries = []
                    state.isIdle = taken.isEmpty && !state.isStopped
                    return (taken, state.isStopped)
                }
                for entry in entries { entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor()) }
                if entries.isEmpty {
                    if isStopped { return }
                    var count: UInt64 = 0
                    _ = Glibc.read(doorbell, &count, 8)
                }
            }
        }
    }

    private let queue: Queue

    init() throws {
        let queue = try Queue()
        self.queue = queue
        var thread = pthread_t()
        // The thread takes over this reference, and gives it back when it ends.
        let reference = Unmanaged.passRetained(queue)
        let status = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            let queue = Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue()
            cpg_name_thread("postgres")
            queue.run()
            return nil
        }, reference.toOpaque())
        guard status == 0 else {
            reference.release()
            throw PostgreSQLError(.resources, "no thread for a database connection: \(String(cString: strerror(status)))", isRetriable: true)
        }
        pthread_detach(thread)
    }

    deinit {
        queue.state.withLock { $0.isStopped = true }
        queue.ring()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let entry = Entry(job: UnownedJob(job), executor: self)
        let wasIdle = queue.state.withLock { state in
            state.entries.append(entry)
            let wasIdle = state.isIdle
            state.isIdle = false
            return wasIdle
        }
        if wasIdle { queue.ring() }
    }
}
