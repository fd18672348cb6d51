import Foundation
import Glibc

/// Makes the database cluster, under another name first, so that a half-made one is never taken for whole.
struct PostgreSQLCreation: Sendable {
    var home: String
    var programs: PostgreSQLPrograms
    var account: ServerAccount
    var record: PostgreSQLRecord

    private static let limit = Duration.seconds(60)

    func create() throws {
        removeHalfMade()
        let unfinished = "\(home)/data.new-\(UUID().uuidString.prefix(8))"
        try SmallFile.makeDirectory(unfinished, mode: 0o700, userID: account.isCurrentUser ? nil : account.userID,
                                    groupID: account.isCurrentUser ? nil : account.groupID)
        // Passwords go through a file and through standard input: arguments can be read by everybody.
        let passwordFile = unfinished + ".password"
        try SmallFile.replace(passwordFile, with: record.administratorPassword + "\n", mode: 0o600, owner: account)
        defer { unlink(passwordFile) }
        try run([programs.initdb, "-D", unfinished, "-U", "mvfleet_admin", "--pwfile=\(passwordFile)", "--auth=scram-sha-256",
                 "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8"])
        // No password can appear in the server's complaint about a statement.
        try run([programs.postgres, "--single", "-D", unfinished, "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", "postgres"],
                input: """
                CREATE ROLE mvfleet LOGIN CREATEDB PASSWORD '\(record.password)'
                GRANT pg_read_all_stats TO mvfleet
                CREATE DATABASE mvfleet OWNER mvfleet
                REVOKE CONNECT ON DATABASE postgres FROM PUBLIC

                """)
        guard rename(unfinished, home + "/data") == 0 else { throw SmallFile.failure("cannot be renamed", unfinished, errno) }
    }

    private func run(_ arguments: [String], input: String = "") throws {
        let ending = try ChildProcess(arguments: account.command(arguments), directory: home, input: input).run(within: Self.limit)
        guard ending.status != 0 || ending.timedOut else { return }
        if ending.timedOut {
            throw ServiceError(.startFailed, "\(arguments[0]) did not end within \(Self.limit.components.seconds) s", cause: ending.output, isRetriable: true)
        }
        let lines = ending.output.split(whereSeparator: \.isNewline).suffix(200).map(String.init)
        throw BootFailure.explain(.postgresql, lines: lines, place: home, secrets: [record.password, record.administratorPassword])
    }

    private func removeHalfMade() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
        for name in names.sorted() where name.hasPrefix("data.new-") {
            let path = "\(home)/\(name)"
            guard SmallFile.isDirectory(path) else {
                unlink(path)
                continue
            }
            // As the owner, so that root follows nothing that the server's user put there.
            _ = try? ChildProcess(arguments: account.command(["/bin/sh", "-c", #"cd "$1" && find . -mindepth 1 -delete"#, "sh", path])).run(within: Self.limit)
            rmdir(path)
        }
    }
}

/// Where PostgreSQL's programs are.
struct PostgreSQLPrograms: Hashable, Sendable {
    var directory: String
    var postgres: String { directory + "/postgres" }
    var initdb: String { directory + "/initdb" }

    /// Debian keeps one directory for each major version.
    static let versions = "/usr/lib/postgresql"

    /// Those that made the existing data, or else the newest.
    /// - Parameter data: the cluster's directory, where there is one.
    static func find(configured: String?, data: String? = nil) throws -> Self {
        let madeBy = data.flatMap { try? SmallFile.read($0 + "/PG_VERSION", limit: 32) }?.trimmingCharacters(in: .whitespacesAndNewlines)
        if let configured {
            let programs = Self(directory: configured)
            guard programs.areThere else {
                throw ServiceError(.notInstalled, "\(configured) holds no postgres and initdb; name the directory that does")
            }
            return programs
        }
        let installed = ((try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? [])
            .compactMap { name in Int(name).map { (major: $0, programs: Self(directory: "\(versions)/\(name)/bin")) } }
            .filter(\.programs.areThere).sorted { $0.major > $1.major }
        if let madeBy {
            guard let match = installed.first(where: { String($0.major) == madeBy }) else {
                throw ServiceError(.notInstalled, "\(data ?? "") was made by PostgreSQL \(madeBy), which is not installed; apt-get install postgresql-\(madeBy), or move that directory away to start empty")
            }
            return match.programs
        }
        guard let newest = installed.first else {
            throw ServiceError(.notInstalled, "PostgreSQL is not installed (nothing in \(versions)/*/bin): apt-get install postgresql rabbitmq-server, or scripts/install-dependencies; or point MVFLEET_DATABASE_URL at an existing server")
        }
        return newest.programs
    }

    private var areThere: Bool { access(postgres, X_OK) == 0 && access(initdb, X_OK) == 0 }

    /// Such as `15.14`.
    func version() -> String? {
        guard let ending = try? ChildProcess(arguments: [postgres, "--version"]).run(within: .seconds(5)), ending.status == 0 else { return nil }
        return ending.output.split(separator: " ").first { $0.first?.isNumber == true }.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
