import Foundation
import Testing

/// A server of a test's own, for what only its administrator may do or only its configuration allows. Away when the test is over.
struct ThrowawayPostgreSQL: Sendable {
    static let programs = ((try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []).compactMap { Int($0) }.max()
        .map { "/usr/lib/postgresql/\($0)/bin" }

    private let directory: String

    /// - Parameter user: `admin`, who may everything, or `plain`, who may make databases.
    func url(user: String) -> String {
        "postgresql://\(user)@/postgres?host=\(directory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }

    static func with(_ settings: [String], _ body: (ThrowawayPostgreSQL) async throws -> Void) async throws {
        let programs = try #require(programs)
        // A socket's path is short.
        let directory = "/tmp/mvfleet-pg-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let options = (["listen_addresses=''", "unix_socket_directories=\(directory)", "fsync=off", "shared_buffers=16MB"] + settings).map { "-c \($0)" }.joined(separator: " ")
        try run("""
            if [ "$(id -u)" = 0 ]; then chown postgres "$1"; as="setpriv --reuid=postgres --regid=postgres --clear-groups --"; fi
            cd "$1"
            $as "$2/initdb" -D "$1/data" -U admin --auth=trust --no-sync --no-locale --encoding=UTF8 > "$1/initdb.log"
            # Foundation takes a process for running while anybody holds the descriptor that it was given, and the server would.
            (for held in /proc/self/fd/*; do number="${held##*/}"; if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi; done
             exec $as "$2/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$3" start > /dev/null 2>&1)
            $as "$2/psql" -q -h "$1" -U admin -d postgres -c 'CREATE ROLE plain LOGIN CREATEDB' > /dev/null
            """, [directory, programs, options])
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ThrowawayPostgreSQL(directory: directory)))
        } catch {
            result = .failure(error)
        }
        try run("""
            if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups --"; fi
            cd "$1"
            $as "$2/pg_ctl" -D "$1/data" -w -m immediate stop > /dev/null
            """, [directory, programs])
        try result.get()
    }

    private static func run(_ script: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-ec", script, "bash"] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the throwaway PostgreSQL: see \(arguments[0])/log")
    }
}
