import Foundation

/// One server process that outlives whoever started it: how it is started, found again and stopped.
package struct DetachedServer: Sendable {
    var account: ServerAccount
    /// Written by the new process itself before it becomes the server, so that no server is ever without one.
    var pidPath: String
    /// Standard output and error.
    var logPath: String
    var workingDirectory: String
    /// Arguments that follow each other in this server's command line and in no other server's.
    var marker: [String]

    // MARK: Finding

    func sighting() -> ServerSighting {
        guard SmallFile.exists(pidPath) else { return .absent }
        guard let text = try? SmallFile.read(pidPath, limit: 256), let record = Self.parse(record: text) else { return .dead(pid: 0) }
        return .judge(record: record, snapshot: .of(record.pid), marker: marker, userID: account.userID)
    }

    /// `PID\nSTART TICKS\n`.
    package static func parse(record: String) -> ProcessIdentity? {
        let lines = record.split(separator: "\n")
        guard lines.count == 2, let pid = Int32(lines[0]), pid > 1, let ticks = UInt64(lines[1]) else { return nil }
        return ProcessIdentity(pid: pid, startTicks: ticks)
    }

    // MARK: Starting

    /// Becomes the server: `sh -c … PIDFILE LOG DIRECTORY PROGRAM ARGUMENT…`. Runs as the server's account, so that it creates the
    /// files in the server's directories. The process number and start time stay the same through every `exec`.
    private static let becoming = #"""
        umask 077
        pid=$1 log=$2; cd "$3" || exit 1
        shift 3
        read -r stat < /proc/$$/stat || exit 1
        set -f
        start() { shift 21; printf %s "$1"; }
        printf '%s\n%s\n' $$ "$(start $stat)" > "$pid.new" && mv -f "$pid.new" "$pid" || exit 1
        exec </dev/null >>"$log" 2>&1 || exit 1
        exec "$@"
        """#

    /// Starts the program in a session of its own, as a child of nobody. Blocks for some milliseconds: until the new process
    /// has let go of our pipe, by when its pid record is written.
    /// - Parameter environment: all of it; nothing is inherited. Everybody may read it: no secrets.
    func start(_ arguments: [String], environment: [String: String]) throws {
        let becoming = account.command(["/bin/sh", "-c", Self.becoming, "mvfleet", pidPath, logPath, workingDirectory] + arguments)
        let ending = try ChildProcess(arguments: ["/bin/sh", "-c", #""$@" &"#, "mvfleet"] + becoming, environment: environment)
            .run(within: .seconds(10))
        let complaint = ending.output.trimmingCharacters(in: .whitespacesAndNewlines)
        guard ending.status == 0, !ending.timedOut, complaint.isEmpty else {
            throw ServiceError(.startFailed, "\(arguments.first ?? "") cannot be started as \(account.name) in \(workingDirectory)", cause: complaint)
        }
    }

    // MARK: Stopping

    /// Sends the signals one after the other, each when the one before has had its time, until the process is gone.
    /// - Returns: whether there was anything to stop.
    @discardableResult
    func stop(_ name: String, escalation: [(signal: Int32, patience: Duration)]) async throws -> Bool {
        guard case .alive(let process) = sighting() else {
            unlink(pidPath)
            return false
        }
        for (signal, patience) in escalation {
            // Asked again right before, so that the number is still this server's.
            guard case .alive(let now) = sighting(), now.identity == process.identity else { break }
            guard kill(process.identity.pid, signal) == 0 || errno == ESRCH else {
                throw ServiceError(.permission, "\(name) (process \(process.identity.pid)) cannot be stopped by \(ServerAccount.current.name): \(String(cString: strerror(errno))); run as \(account.name) or root")
            }
            if try await hasEnded(within: patience) { break }
        }
        if case .alive = sighting() {
            throw ServiceError(.stopFailed, "\(name) (process \(process.identity.pid)) still runs after every signal; see \(logPath)", isRetriable: true)
        }
        unlink(pidPath)
        return true
    }

    private func hasEnded(within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while case .alive = sighting() {
            if ContinuousClock.now >= deadline { return false }
            // It is no child of this process: nothing tells of its end.
            try await Task.sleep(for: .milliseconds(40))
        }
        return true
    }

    // MARK: Its words

    /// The last lines written since `offset`, without empty ones.
    func lastWords(from offset: Int, limit: Int = 200) -> [String] { Self.lastLines(of: logPath, from: offset, limit: limit) }

    static func lastLines(of path: String, from offset: Int, limit: Int) -> [String] {
        let bound = 64 << 10
        let start = max(offset, SmallFile.size(of: path) - bound)
        guard let bytes = try? SmallFile.tail(path, from: start, limit: bound) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }.suffix(limit).map(String.init)
    }
}
