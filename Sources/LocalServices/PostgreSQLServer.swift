import Foundation
import Glibc

/// The private PostgreSQL: a Unix socket and nothing else, scram, one database and role named `mvfleet`.
struct PostgreSQLServer: Sendable {
    let directory: ServiceDirectory
    let programs: PostgreSQLPrograms
    let account: ServerAccount
    var record: PostgreSQLRecord

    var home: String { directory.home(of: .postgresql) }
    var data: String { home + "/data" }
    var socketDirectory: String { record.socketDirectory ?? home + "/run" }
    var socketPath: String { "\(socketDirectory)/.s.PGSQL.\(PostgreSQLSettings.port)" }
    var url: String { Self.url(record, home: home) }

    static func url(_ record: PostgreSQLRecord, home: String) -> String {
        let host = (record.socketDirectory ?? home + "/run").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgresql://mvfleet:\(record.password)@/mvfleet?host=\(host)&port=\(PostgreSQLSettings.port)"
    }

    var server: DetachedServer {
        DetachedServer(account: account, pidPath: home + "/run/postgresql.pid", logPath: home + "/log/postgresql.log",
                       workingDirectory: home, marker: ["-D", data])
    }

    /// Each waits for the backends of a killed server to notice.
    private static let startAttempts = 10

    // MARK: Up

    mutating func up(deadline: ContinuousClock.Instant, login: @Sendable (String) async throws -> Void,
                     progress: @escaping @Sendable (ServiceProgress) -> Void) async throws {
        let wait = LoginWait(service: .postgresql, server: server, deadline: deadline,
                             secrets: [record.password, record.administratorPassword], progress: progress)
        let url = url
        if case .alive(let process) = server.sighting() {
            progress(ServiceProgress(.postgresql, "runs already (process \(process.identity.pid)); taking it over"))
            if case .ready = try await wait.untilReady({ try await login(url) }) { return }
        }
        for attempt in 1 ... Self.startAttempts {
            let logOffset: Int
            (self, logOffset) = try await onOwnThread { [self] in
                var started = self
                let offset = try started.start(progress: progress)
                return (started, offset)
            }
            let url = self.url
            if case .ready = try await wait.untilReady({ try await login(url) }) { return }
            let failure = BootFailure.explain(.postgresql, lines: server.lastWords(from: logOffset), place: home, secrets: wait.secrets)
            guard failure.isRetriable, attempt < Self.startAttempts, ContinuousClock.now < deadline else { throw failure }
            // What may be tried again is held by a server that is just ending.
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Blocks for some milliseconds, or about a second when the database has to be made first.
    /// - Returns: where this start's lines begin in the log.
    private mutating func start(progress: @Sendable (ServiceProgress) -> Void) throws -> Int {
        if case .dead(let pid) = server.sighting() {
            progress(ServiceProgress(.postgresql, "process \(pid) ended without being stopped; recovering"))
        }
        try makeDirectories()
        if !SmallFile.exists(data) {
            progress(ServiceProgress(.postgresql, "creating the database"))
            try PostgreSQLCreation(home: home, programs: programs, account: account, record: record).create()
        }
        try chooseSocketDirectory()
        removeRemains()
        try PostgreSQLSettings(home: home, socketDirectory: socketDirectory).write(account: account)
        if SmallFile.size(of: server.logPath) > LocalServices.logLimit { _ = try server.trimLog() }
        let offset = SmallFile.size(of: server.logPath)
        progress(ServiceProgress(.postgresql, "starting"))
        try server.start([programs.postgres, "-D", data, "-c", "config_file=\(home)/postgresql.conf"],
                         environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"])
        return offset
    }

    private func makeDirectories() throws {
        try SmallFile.makeDirectory(home, mode: account.isCurrentUser ? 0o700 : 0o750, groupID: account.isCurrentUser ? nil : account.groupID)
        for name in ["log", "run"] { try makeOwn("\(home)/\(name)") }
    }

    private func makeOwn(_ path: String) throws {
        try SmallFile.makeDirectory(path, mode: 0o700, userID: account.isCurrentUser ? nil : account.userID, groupID: account.isCurrentUser ? nil : account.groupID)
    }

    /// A socket's whole name has at most 107 bytes, and a libpq URL splits hosts at commas.
    private mutating func chooseSocketDirectory() throws {
        let usual = home + "/run"
        if "\(usual)/.s.PGSQL.\(PostgreSQLSettings.port)".utf8.count <= 107, !usual.contains(where: { ",\"".contains($0) }) {
            guard record.socketDirectory != nil else { return }
            record.socketDirectory = nil
        } else if let chosen = record.socketDirectory, let owner = SmallFile.owner(of: chosen), SmallFile.isDirectory(chosen),
                  owner.userID == account.userID, owner.mode & 0o077 == 0 {
            return
        } else {
            // A random name that nobody can have made before; whoever finds it can still not enter.
            let short = "/tmp/mvfleet-\(UUID().uuidString.lowercased().prefix(13))"
            try makeOwn(short)
            record.socketDirectory = short
        }
        try InstanceRecords.write(record, directory.record(of: .postgresql))
    }

    /// What a killed server leaves, which would keep the next one from starting if its number belonged to another process by now.
    private func removeRemains() {
        unlink(server.pidPath)
        let written = (try? SmallFile.read(data + "/postmaster.pid", limit: 1024))?.split(separator: "\n").first.flatMap { Int32($0) }
        if let written, let process = ProcessSnapshot.of(written), !process.isDead, process.arguments.containsSequence(server.marker) { return }
        for path in [data + "/postmaster.pid", socketPath, socketPath + ".lock"] { unlink(path) }
    }

    // MARK: Down

    /// Fast shutdown; then immediate, which recovers at the next start; then the end.
    func down(patience: Duration) async throws -> Bool {
        let stopped = try await server.stop("PostgreSQL", escalation: [(SIGINT, patience), (SIGQUIT, .seconds(5)), (SIGKILL, .seconds(5))])
        if let short = record.socketDirectory {
            for name in [".s.PGSQL.\(PostgreSQLSettings.port)", ".s.PGSQL.\(PostgreSQLSettings.port).lock"] { unlink("\(short)/\(name)") }
            rmdir(short)
        }
        return stopped
    }
}
