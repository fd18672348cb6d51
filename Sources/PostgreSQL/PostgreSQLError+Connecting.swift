extension PostgreSQLError {
    /// Tells connection failures apart.
    ///
    /// - Parameters:
    ///   - report: libpq's message of a connection attempt made with verbose errors, so that a server's refusal carries its SQLSTATE whatever the server's language.
    ///     libpq's own sentences are English, because the process never calls `setlocale`.
    ///   - server: how the server is called in messages; without a password.
    package static func connecting(to server: String, report: String) -> PostgreSQLError {
        let lines = report.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        let text = lines.joined(separator: " ")
        if let state = lines.reversed().lazy.compactMap(reportedState).first {
            return refusal(server, state: state, text: text)
        }
        return failure(server, text: text)
    }

    private static func refusal(_ server: String, state: SQLState, text: String) -> PostgreSQLError {
        let error: PostgreSQLError
        switch state {
        case .invalidPassword:
            error = PostgreSQLError(.authentication, "\(server) refused the password: check user and password in the URL, PGPASSWORD or ~/.pgpass")
        case .invalidAuthorization:
            error = PostgreSQLError(.authentication, "\(server) refused the user: check that the role exists and that pg_hba.conf lets it in from here, with or without TLS")
        case .databaseNotFound:
            error = PostgreSQLError(.databaseNotFound, "\(server) has no such database: create it (createdb) or correct the URL")
        case .tooManyConnections:
            error = PostgreSQLError(.serverUnavailable, "\(server) has no connection left: raise max_connections, or the CONNECTION LIMIT of the role or the database, or run fewer clients", isRetriable: true)
        case .cannotConnectNow, .adminShutdown, .crashShutdown:
            error = PostgreSQLError(.serverUnavailable, "\(server) is starting or stopping: try again in a moment", isRetriable: true)
        default:
            error = PostgreSQLError(.serverUnavailable, "\(server) refused the connection", isRetriable: state.isRetriable)
        }
        return error.with(state: state, cause: text)
    }

    private static func failure(_ server: String, text: String) -> PostgreSQLError {
        func mentions(_ needles: String...) -> Bool { needles.contains { text.contains($0) } }
        let error: PostgreSQLError
        if mentions("Connection refused", "No such file or directory", "is the server running") {
            error = PostgreSQLError(.connectionRefused, "nothing listens for \(server): start PostgreSQL there or correct host and port", isRetriable: true)
        } else if mentions("could not translate host name") {
            error = PostgreSQLError(.hostNotFound, "the host of \(server) cannot be resolved: check the name and DNS", isRetriable: true)
        } else if mentions("no password supplied", "SCRAM", "password", "authentication") {
            error = PostgreSQLError(.authentication, "\(server) asks for a login that was not given or not accepted: put the password in the URL, PGPASSWORD or ~/.pgpass")
        } else if mentions("SSL", "certificate", "TLS", "sslmode", "root.crt") {
            error = PostgreSQLError(.tls, "no TLS connection to \(server): check sslmode, sslrootcert and the server's certificate")
        } else if mentions("timeout expired", "timed out") {
            error = PostgreSQLError(.connectTimeout, "\(server) did not answer in time: check address and firewall", isRetriable: true)
        } else if mentions("invalid connection option", "invalid port", "invalid sslmode", "invalid integer value") {
            error = PostgreSQLError(.configuration, "the connection string for \(server) is not valid")
        } else {
            error = PostgreSQLError(.connectionLost, "the connection to \(server) failed", isRetriable: true)
        }
        return error.with(state: nil, cause: text)
    }

    /// The SQLSTATE of a verbose line such as `FATAL:  28P01: password authentication failed`.
    private static func reportedState(_ line: Substring) -> SQLState? {
        guard let gap = line.utf8.indices.first(where: { line.utf8[$0...].starts(with: ":  ".utf8) }) else { return nil }
        let rest = line.utf8[line.utf8.index(gap, offsetBy: 3)...]
        let state = rest.prefix(5)
        let isState = state.count == 5 && state.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        guard isState, rest.dropFirst(5).first == UInt8(ascii: ":") else { return nil }
        return SQLState(String(decoding: state, as: UTF8.self))
    }

    func with(state: SQLState?, cause: String) -> PostgreSQLError {
        var copy = self
        copy.sqlState = state
        copy.cause = cause
        return copy
    }
}
