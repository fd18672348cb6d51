import FleetModel
import Foundation
import PostgreSQL

/// `pg_dump`, `pg_restore` and `psql`, of the server's own version where it is installed: an older `pg_dump` refuses, and what a newer one writes may not go back.
struct PostgreSQLTools: Sendable {
    /// Holds the programs.
    let directory: String

    /// - Throws: `backup.tools` where there are none for a server of this version.
    static func find(serverMajor: Int) throws(FleetError) -> PostgreSQLTools {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        let exact = ["/usr/lib/postgresql/\(serverMajor)/bin", "/usr/pgsql-\(serverMajor)/bin", "/usr/local/pgsql/bin"]
        for directory in exact + path where ["pg_dump", "pg_restore", "psql"].allSatisfy({ access("\(directory)/\($0)", X_OK) == 0 }) {
            if major(of: directory) == serverMajor { return PostgreSQLTools(directory: directory) }
        }
        throw FleetError("backup.tools", "the server is PostgreSQL \(serverMajor), and its pg_dump, pg_restore and psql are not installed here: apt-get install postgresql-client-\(serverMajor)")
    }

    private static func major(of directory: String) -> Int? {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: directory + "/pg_dump")
        process.arguments = ["--version"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // `pg_dump (PostgreSQL) 15.14 (Debian …)`
        return text.split(separator: " ").lazy.compactMap { $0.split(separator: ".").first.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } }.first
    }

    /// Runs a shell script over these programs, on this server, to its end. Passwords go through a file that only this user can read, never through arguments.
    ///
    /// - Parameters:
    ///   - script: finds the directory of the programs as `$1`, the server's conninfo as `$2`, and `arguments` from `$3` on.
    ///   - whileRunning: called every so often.
    /// - Throws: `code` with the programs' last words.
    func run(_ script: String, _ arguments: [String], on server: ConnectionConfiguration, failing code: FleetError.Code, _ failure: String,
             whileRunning: @Sendable () -> Void = {}) async throws {
        let place = try ScratchDirectory()
        defer { place.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", directory, server.conninfoWithoutSecrets] + arguments
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PG") || ["HOME", "USER", "TMPDIR"].contains($0.key) }
        environment["PATH"] = "/usr/bin:/bin"
        environment["LC_ALL"] = "C.UTF-8"
        if let line = server.passwordFileLine {
            environment["PGPASSFILE"] = try place.file("pgpass", line)
            environment["PGPASSWORD"] = nil
        }
        process.environment = environment
        let words = try place.file("words", "")
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: words))
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
        try process.run()
        do {
            while process.isRunning {
                // The beat at which `whileRunning` is called.
                try await Task.sleep(for: .milliseconds(100))
                whileRunning()
            }
        } catch {
            process.terminate()
            throw error
        }
        guard process.terminationStatus == 0 else {
            let said = (FileManager.default.contents(atPath: words).map { String(decoding: $0.suffix(4_000), as: UTF8.self) } ?? "").split(separator: "\n").suffix(8)
            var error = FleetError(code, failure)
            error.cause = said.isEmpty ? "status \(process.terminationStatus)" : said.joined(separator: "; ")
            throw error
        }
    }
}

/// A directory that nobody else can enter, for the length of a call.
struct ScratchDirectory: Sendable {
    let path: String

    init() throws(FleetError) {
        path = NSTemporaryDirectory() + "/mvfleet-\(UUID().uuidString.lowercased())"
        guard mkdir(path, 0o700) == 0 else {
            throw FleetError("backup.scratch", "no directory can be made in \(NSTemporaryDirectory()): \(String(cString: strerror(errno))); set TMPDIR to one where this user may write")
        }
    }

    func file(_ name: String, _ text: String) throws(FleetError) -> String {
        let file = "\(path)/\(name)"
        guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw FleetError("backup.scratch", "\(file) cannot be written: is the disk full?")
        }
        return file
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
