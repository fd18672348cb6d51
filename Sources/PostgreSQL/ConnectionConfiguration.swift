import CPostgres

/// Where the server is and how to speak with it: everything libpq understands in a URL or a conninfo string, and this module's own limits.
public struct ConnectionConfiguration: Sendable {
    /// The longest an attempt to connect may take, over all hosts named. Name resolution is the system's and not bounded by it.
    public var connectTimeout: Duration
    /// The longest a statement may run unless it says otherwise; nil for no limit.
    public var statementTimeout: Duration?
    /// Server settings applied to each new connection, such as `lock_timeout: 5s`.
    public var settings: [String: String]
    /// Prepared statements kept on each connection; the least recently used goes first.
    public var preparedStatementLimit: Int
    /// libpq's keywords in the order given. Holds the password: never printed.
    private(set) var keywords: [Keyword]

    struct Keyword: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// - Parameters:
    ///   - conninfo: `postgresql://user:password@host:port/database?sslmode=require`, or `host=… dbname=…`; what it leaves out libpq takes from `PGHOST` and its like, `~/.pgpass`, and services.
    ///   - applicationName: shown in `pg_stat_activity` unless the string names one.
    /// - Throws: `configuration`, without repeating the string.
    public init(_ conninfo: String, applicationName: String = "mvfleet") throws {
        guard !conninfo.utf8.contains(0) else { throw PostgreSQLError(.configuration, "the database URL holds a NUL character") }
        var keywords = try Self.parse(conninfo)
        func add(_ name: String, _ value: String) {
            if !keywords.contains(where: { $0.name == name }) { keywords.append(Keyword(name: name, value: value)) }
        }
        add("application_name", applicationName)
        // A peer that vanished is noticed in about half a minute, idle or not.
        add("keepalives", "1")
        add("keepalives_idle", "15")
        add("keepalives_interval", "5")
        add("keepalives_count", "3")
        add("tcp_user_timeout", "30000")
        keywords.removeAll { $0.name == "client_encoding" }
        keywords.append(Keyword(name: "client_encoding", value: "UTF8"))
        let seconds = keywords.first { $0.name == "connect_timeout" }.flatMap { Int($0.value) } ?? 0
        self.keywords = keywords
        connectTimeout = .seconds(seconds > 0 ? min(seconds, 3_600) : 10)
        statementTimeout = .seconds(120)
        settings = [:]
        preparedStatementLimit = 256
    }

    /// Splits the string as libpq itself does.
    private static func parse(_ conninfo: String) throws -> [Keyword] {
        // libpq's message may quote the string, password and all: it is not passed on. The message is libpq's to free.
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(conninfo, &message)
        defer { PQfreemem(message) }
        guard let options else {
            throw PostgreSQLError(.configuration, "the database URL cannot be read: write postgresql://user:password@host:port/database, with special characters percent-encoded")
        }
        defer { PQconninfoFree(options) }
        var keywords: [Keyword] = []
        // The array ends with an entry without a keyword.
        var entry = options
        while let name = entry.pointee.keyword {
            if let value = entry.pointee.val { keywords.append(Keyword(name: String(cString: name), value: String(cString: value))) }
            entry += 1
        }
        return keywords
    }

    /// The same server and user, in another database.
    public func inDatabase(_ name: String) -> ConnectionConfiguration {
        var other = self
        other.keywords.removeAll { $0.name == "dbname" }
        other.keywords.append(Keyword(name: "dbname", value: name))
        return other
    }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `user@host:port/database`, without the password.
    public var description: String {
        func value(_ name: String) -> String? { keywords.first { $0.name == name }.map(\.value).flatMap { $0.isEmpty ? nil : $0 } }
        let user = value("user").map { $0 + "@" } ?? ""
        let place = value("host") ?? value("hostaddr") ?? "default host"
        let port = value("port").map { ":" + $0 } ?? ""
        let database = value("dbname").map { "/" + $0 } ?? ""
        return "PostgreSQL at \(user)\(place)\(port)\(database)"
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}
