import Foundation

/// Says in words why a server did not start, from its last log lines: the servers' own messages often do not name the cause.
package enum BootFailure {
    struct Pattern: Sendable {
        /// Lower case; any of them.
        var signs: [String]
        var code: ServiceError.Code
        var words: String
        var isRetriable = false
    }

    /// - Parameters:
    ///   - lines: the last log lines, oldest first; all are searched for signs, the last few are shown.
    ///   - place: the server's directory, for the remedy.
    ///   - secrets: what must not appear in the error.
    package static func explain(_ service: ServiceName, lines: [String], place: String, secrets: [String]) -> ServiceError {
        let text = lines.joined(separator: "\n").lowercased()
        let pattern = patterns.first { $0.signs.contains { text.contains($0) } }
        let words = pattern?.words ?? "the last lines of its log follow"
        var cause = lines.suffix(shownLines).map { String($0.prefix(shownLength)) }.joined(separator: "\n")
        for secret in secrets where !secret.isEmpty { cause = cause.replacing(secret, with: "***") }
        return ServiceError(pattern?.code ?? .startFailed,
                            "\(service.title) did not start: " + words.replacing("PLACE", with: place),
                            cause: cause, isRetriable: pattern?.isRetriable ?? false)
    }

    private static let shownLines = 12
    private static let shownLength = 300

    static let patterns: [Pattern] = [
        Pattern(signs: ["no space left on device", "enospc", "disk quota exceeded"], code: .diskFull,
                words: "the disk of PLACE is full; free some space, or choose another directory with MVFLEET_DATA_DIR"),
        Pattern(signs: ["eaddrinuse", "address already in use", "port_in_use", "already in use by another", "dist_port_already_used"], code: .portTaken,
                words: "a port that it was given has been taken by another program; run the same command again, which chooses others", isRetriable: true),
        Pattern(signs: ["cookie file", "must be accessible by owner only", "error when reading /", "failed to create cookie"], code: .permission,
                words: "the Erlang cookie PLACE/home/.erlang.cookie must belong to the user that runs the server and have mode 0400"),
        Pattern(signs: ["$home", "home must be set", "environment variable home"], code: .configuration,
                words: "the directory PLACE/home is missing or cannot be entered by the user that runs the server"),
        Pattern(signs: ["nxdomain", "unable to resolve", "hostname not resolvable", "epmd_error", "invalid_hostname", "can't set short node name"], code: .configuration,
                words: "this machine cannot resolve `localhost`; /etc/hosts needs the line `127.0.0.1 localhost`"),
        Pattern(signs: ["pre-existing shared memory block", "is another postmaster"], code: .startFailed,
                words: "processes of the server that ran here before have not ended yet; try again in a few seconds", isRetriable: true),
        Pattern(signs: ["database files are incompatible", "was initialized by postgresql version"], code: .configuration,
                words: "PLACE/data was made by another version of PostgreSQL; install that version, or move the directory away"),
        Pattern(signs: ["cannot allocate memory", "could not map anonymous shared memory", "enomem", "cannot allocate"], code: .configuration,
                words: "the machine has too little free memory for it"),
        Pattern(signs: ["erl: not found", "erl: command not found", "exec: erl"], code: .notInstalled,
                words: "Erlang is missing: apt-get install rabbitmq-server"),
        Pattern(signs: ["permission denied", "eacces"], code: .permission,
                words: "the user that runs it cannot read or write something below PLACE; the files there must belong to that user"),
        Pattern(signs: ["schema_integrity_check_failed", "inconsistent_database", "badly formatted", "could not locate a valid checkpoint", "invalid checkpoint"], code: .corrupt,
                words: "its data in PLACE is damaged; restore it, or move it away to start empty"),
    ]
}
