import FleetModel
import PostgreSQL

/// How much of the database server's connections is taken.
public struct ConnectionUse: Sendable, Equatable {
    /// Of all roles, without those that the server keeps for its administrators.
    public var limit: Int
    public var used: Int
    /// Whose limit leaves the least: the server's (`max_connections`), this role's, or this database's.
    public var narrowest: String
    /// What this role could open in this database now.
    public var free: Int
}

extension Ledger {
    public func connectionUse() async throws -> ConnectionUse {
        guard let row = try await query("count connections", """
            SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
                       - COALESCE(current_setting('reserved_connections', true)::integer, 0) AS server,
                   (SELECT sum(numbackends)::integer FROM pg_stat_database) AS used,
                   NULLIF(r.rolconnlimit, -1) - (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid) AS role, r.rolname,
                   NULLIF(d.datconnlimit, -1) - (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) AS database, d.datname
            FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()
            """).first else { throw FleetError("ledger.corrupt", "the server does not say who this is") }
        let limit = try row.int("server"), used = try row.int("used")
        var left = [(free: limit - used, whose: "max_connections")]
        if let free = try row.intIfPresent("role") { left.append((free, "the CONNECTION LIMIT of role \(try row.text("rolname"))")) }
        if let free = try row.intIfPresent("database") { left.append((free, "the CONNECTION LIMIT of database \(try row.text("datname"))")) }
        let narrowest = left.min { $0.free < $1.free } ?? left[0]
        return ConnectionUse(limit: limit, used: used, narrowest: narrowest.whose, free: max(0, narrowest.free))
    }
}
