import FleetModel
import Foundation
import Synchronization

/// One child of this program: started with an empty environment, asked one thing at a time over its standard streams.
///
/// Blocking reads and writes run on a queue of its own. Killing is safe from anywhere.
final class ChildProcess: Sendable {
    let pid: pid_t
    /// The worker's end of a socket pair whose other end is the child's standard input and output. Unlike a pipe's, its writes can be
    /// told not to raise SIGPIPE, which would end the worker with its child.
    private let socket: Int32
    private let queue: DispatchQueue
    private let hasEnded = Mutex(false)

    /// - Throws: where the program cannot be started.
    init(executable: String, arguments: [String], environment: [String: String]) throws(FleetError) {
        var ends: [Int32] = [0, 0]
        // Closed on exec from the start: a child that is started meanwhile does not inherit them.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildProcess.startError(executable, errno)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Own process group: Ctrl-C in a terminal drains the worker, which still needs its children.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        // The C strings live until the call returns.
        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, executable, &actions, &attributes, &argv, &envp)
        close(ends[1])
        guard status == 0 else {
            close(ends[0])
            throw ChildProcess.startError(executable, status)
        }
        self.pid = pid
        socket = ends[0]
        queue = DispatchQueue(label: "mvfleet.child.\(pid)")
    }

    deinit {
        end()
        close(socket)
    }

    /// Kills it and waits until it is gone. It must not be asked again.
    func end() {
        hasEnded.withLock { hasEnded in
            if hasEnded { return }
            kill(pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            hasEnded = true
        }
    }

    /// Lives, and has said nothing unasked. One that ended while idle, or speaks out of turn, is not to be asked.
    var isQuiet: Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// Asks and waits. A child that answers nothing in time, or dies, ends the question; it must not be asked again.
    func ask(_ request: ChildMessage, within limit: Duration) async -> Result<ChildMessage, ChildEnd> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    continuation.resume(returning: exchange(request, within: limit))
                }
            }
        } onCancel: {
            kill(pid, SIGKILL)
        }
    }

    private func exchange(_ request: ChildMessage, within limit: Duration) -> Result<ChildMessage, ChildEnd> {
        let deadline = ContinuousClock.now + limit
        let bytes = request.encoded()
        var sent = 0
        while sent < bytes.count {
            guard let ready = wait(for: POLLOUT, until: deadline) else { return .failure(.hung(limit)) }
            guard ready else { return .failure(ended()) }
            // The bytes outlive the call, which copies them. A full socket is waited for above.
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return .failure(ended())
            }
            sent += count
        }
        var parser = ChildMessageParser()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            guard let ready = wait(for: POLLIN, until: deadline) else { return .failure(.hung(limit)) }
            guard ready else { return .failure(ended()) }
            let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .failure(ended()) }
            do {
                if let message = try parser.append(buffer[0..<count]) { return .success(message) }
            } catch {
                return .failure(.garbled("\(error)"))
            }
        }
    }

    /// - Returns: nil at the deadline; false when the other end is gone and nothing is left to read.
    private func wait(for event: Int32, until deadline: ContinuousClock.Instant) -> Bool? {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return nil }
            var entry = pollfd(fd: socket, events: Int16(event), revents: 0)
            let milliseconds = Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
            let count = poll(&entry, 1, milliseconds)
            if count < 0, errno == EINTR { continue }
            if count == 0 { continue }
            return Int32(entry.revents) & event != 0
        }
    }

    private func ended() -> ChildEnd {
        kill(pid, SIGKILL)
        var info = siginfo_t()
        // WNOWAIT leaves the status for deinit, which reaps.
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0 else { return .died("it was gone") }
        let status = info._sifields._sigchld.si_status
        return .died(info.si_code == Int32(CLD_EXITED) ? "exit status \(status)" : "signal \(status)")
    }

    private static func startError(_ executable: String, _ code: Int32) -> FleetError {
        FleetError("child.start", "a child process of \(executable) could not be started: \(String(cString: strerror(code))). Check the limits on processes and open files",
                   isRetriable: true)
    }
}

/// Why a child gave no answer.
enum ChildEnd: Error, Equatable {
    case hung(Duration)
    case died(String)
    case garbled(String)
}
