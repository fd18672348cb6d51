import Foundation
import Glibc
import Synchronization

/// A process that a test has started, and may kill, stop and continue.
final class Spawned: Sendable {
    enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    struct CannotStart: Error, CustomStringConvertible {
        var description: String
    }

    let pid: pid_t
    /// Standard output and error.
    let logPath: String
    private let ended = Mutex<Ending?>(nil)

    /// - Parameter environment: all of it.
    init(_ arguments: [String], environment: [String: String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Another child of the same test must not end with signals that this process blocks or ignores.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let argv = arguments.map { strdup($0) } + [nil], envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard code == 0 else { throw CannotStart(description: "\(arguments[0]) cannot be started: \(String(cString: strerror(code)))") }
        self.pid = pid
        logPath = log
        Thread.detachNewThread { [self, pid] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            note(signal == 0 ? .exited((status >> 8) & 0xff) : .killed(by: signal))
        }
    }

    @inline(never)
    private func note(_ ending: Ending) { ended.withLock { $0 = ending } }

    /// Nil while it runs, stopped or not.
    var ending: Ending? { @inline(never) get { ended.withLock { $0 } } }

    func send(_ signal: Int32) {
        // After its end the number may be another's.
        if ending == nil { kill(pid, signal) }
    }

    @discardableResult
    func end(within limit: Duration = .seconds(60)) async throws -> Ending {
        try await eventually("process \(pid) ends (its log: \(logPath))", within: limit) { ending != nil }
        guard let ending else { throw NotInTime(what: "an ending", limit: limit) }
        return ending
    }

    var isStopped: Bool { state == "T" }

    private var state: Substring? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let name = stat.lastIndex(of: ")") else { return nil }
        return stat[name...].split(separator: " ").dropFirst().first
    }

    // MARK: What it takes

    /// Resident memory in bytes, of which only its own counts: files that are mapped come and go with the kernel's mood.
    var privateBytes: Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        return status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }.flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }
            .flatMap { Int($0) }.map { $0 * 1024 }
    }

    var descriptors: Int? { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count }

    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }
}

/// A tool that is run to its end.
enum Tool {
    struct Failure: Error, CustomStringConvertible {
        var arguments: [String]
        var output: String
        var description: String { "\(arguments.joined(separator: " ")) failed: \(output)" }
    }

    @discardableResult
    static func run(_ arguments: [String], environment: [String: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], within limit: Duration = .seconds(60)) async throws -> String {
        let log = NSTemporaryDirectory() + "/mvfleet-tool-\(UUID().uuidString)"
        defer { unlink(log) }
        let process = try Spawned(arguments, environment: environment, log: log)
        do {
            guard try await process.end(within: limit) == .exited(0) else { throw Failure(arguments: arguments, output: process.log) }
        } catch {
            process.send(SIGKILL)
            throw error
        }
        return process.log
    }
}
