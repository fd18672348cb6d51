import Foundation
import Glibc

/// Runs a program to its end, in a session of its own, with nothing inherited but what is named here.
///
/// Not `Foundation.Process`: that one passes on ignored signals (a parent that handles SIGTERM through a dispatch source ignores
/// it), has no `setsid`, and needs a run loop.
struct ChildProcess: Sendable {
    /// Program's absolute path first.
    var arguments: [String]
    var environment: [String: String] = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"]
    var directory = "/"
    /// Written to standard input, which then ends. Small enough for the socket's buffer, so that writing cannot block.
    var input = ""

    struct Ending: Sendable {
        /// Exit status, or 128 + signal.
        var status: Int32
        /// Standard output and error together; the last 64 KiB.
        var output: String
        var timedOut = false
    }

    static let outputLimit = 64 << 10
    static let inputLimit = 32 << 10

    /// Blocks the calling thread until the program has ended *and* its output is closed, or the time is over, at which the program's
    /// whole process group is killed.
    func run(within limit: Duration) throws -> Ending {
        precondition(input.utf8.count <= Self.inputLimit)
        let stdin = try Channel(), stdout = try Channel()
        let pid: pid_t
        do {
            pid = try spawn(stdin: stdin.reading, stdout: stdout.writing)
        } catch {
            stdin.closeBoth()
            stdout.closeBoth()
            throw error
        }
        close(stdin.reading)
        close(stdout.writing)
        feed(stdin.writing)
        close(stdin.writing)
        var (bytes, timedOut) = drain(stdout.reading, until: ContinuousClock.now + limit)
        close(stdout.reading)
        if timedOut { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        if bytes.count > Self.outputLimit { bytes.removeFirst(bytes.count - Self.outputLimit) }
        let signal = status & 0x7f
        return Ending(status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
                      output: String(decoding: bytes, as: UTF8.self), timedOut: timedOut)
    }

    private func feed(_ descriptor: Int32) {
        let bytes = Array(input.utf8)
        // A child that has ended already shows in its status; it must not end us by SIGPIPE. The buffer outlives the call, which copies it.
        if !bytes.isEmpty { _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } }
    }

    private func drain(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> (bytes: [UInt8], timedOut: Bool) {
        var collected: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let left = deadline - .now
            guard left > .zero else { return (collected, true) }
            var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&watch, 1, Int32(clamping: left.components.seconds * 1000 + 1 + left.components.attoseconds / 1_000_000_000_000_000))
            if ready <= 0 { continue }
            // At most the buffer's size is written into it.
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 || (count < 0 && errno != EINTR) { return (collected, false) }
            if count > 0 { collected.append(contentsOf: chunk[..<count]) }
            if collected.count > 4 * Self.outputLimit { collected.removeFirst(collected.count - Self.outputLimit) }
        }
    }

    private func spawn(stdin: Int32, stdout: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        posix_spawn_file_actions_adddup2(&actions, stdout, 1)
        posix_spawn_file_actions_adddup2(&actions, stdout, 2)
        for descriptor in Self.openDescriptors where descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | Self.newSession
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        // The copies live until the call returns; the kernel has copied them by then.
        let argv = (["/bin/sh", "-c", #"cd "$1" && shift && exec "$@""#, "sh", directory] + arguments).map { strdup($0) } + [nil]
        let envp = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for string in argv + envp { free(string) } }
        let failure = posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv, envp)
        guard failure == 0 else {
            throw ServiceError(.startFailed, "\(arguments[0]) cannot be started: \(String(cString: strerror(failure)))", isRetriable: true)
        }
        return pid
    }

    /// Those of other threads that are not closed by `exec` anyway; a server must not keep our sockets open.
    private static var openDescriptors: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// POSIX_SPAWN_SETSID of glibc ≥ 2.26, which its header shows to GNU sources only.
    private static let newSession: Int32 = 0x80

    /// A pair of connected sockets: unlike a pipe's, their writes can be told not to raise SIGPIPE.
    private struct Channel {
        let reading: Int32, writing: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
                throw ServiceError(.startFailed, "no socket for a child process: \(String(cString: strerror(errno)))", isRetriable: true)
            }
            (reading, writing) = (ends[0], ends[1])
        }

        func closeBoth() {
            close(reading)
            close(writing)
        }
    }
}

/// Runs blocking work on a thread of its own, away from the cooperative pool.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
