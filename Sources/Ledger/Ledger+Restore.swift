import FleetModel
import Foundation
import PostgreSQL

/// What a database holds before a backup is restored into it.
public struct RestoreTarget: Sendable {
    public var serverMajor: Int
    /// Nil where there is no ledger.
    public var schemaVersion: Int?
    /// Of the ledger that is there; 0 where there is none.
    public var epoch: Int64
    /// Processes of the fleet that still use it, in words.
    public var live: [String]
}

extension Ledger {
    /// What is in the database, and who uses it.
    ///
    /// - Parameter application: under which name this process itself is connected.
    public func restoreTarget(application: String) async throws -> RestoreTarget {
        let row = try await query("look at the database", """
            SELECT current_setting('server_version_num')::integer / 10000 AS major, to_regclass('ledger_state') IS NOT NULL AND to_regclass('schema_migration') IS NOT NULL AS held
            """).first
        var target = RestoreTarget(serverMajor: try row?.int("major") ?? 0, schemaVersion: nil, epoch: 0, live: [])
        target.live = try await query("look for connections", """
            SELECT application_name || COALESCE(' at ' || host(client_addr), '') AS who, count(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'mvfleet %' AND application_name <> $1 GROUP BY 1 ORDER BY 1
            """, [.text(application)]).map { "\(try $0.text("who")) (\(try $0.int("n")) connections)" }
        guard try row?.bool("held") ?? false else { return target }
        let state = try await query("look at the ledger", "SELECT COALESCE((SELECT max(version) FROM schema_migration), 0) AS version, epoch FROM ledger_state").first
        target.schemaVersion = try state?.int("version") ?? 0
        target.epoch = try state?.int64("epoch") ?? 0
        target.live += try await query("look for workers", """
            SELECT 'worker ' || id || ' (' || split_part(host, '/', 1) || ' pid ' || pid || '), heard of within a minute' FROM worker
            WHERE ended_at IS NULL AND seen_at > now() - interval '60 s' ORDER BY id
            """).map { try $0.text(0) }
        target.live += try await query("look for a leader", "SELECT 'a leading coordinator' FROM leader WHERE until > clock_timestamp()").map { try $0.text(0) }
        return target
    }

    /// SQL that takes away what this program's migrations made, and nothing else.
    public static var removalScript: String {
        let made = Migration.all.map(\.sql).joined(separator: "\n")
        func names(_ kind: String) -> [String] {
            made.split(separator: "\n").compactMap { line in
                guard line.hasPrefix("CREATE \(kind) ") else { return nil }
                let name = line.dropFirst("CREATE \(kind) ".count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                return name.isEmpty ? nil : String(name)
            }
        }
        return (names("TABLE") + ["schema_migration"]).map { "DROP TABLE IF EXISTS \($0) CASCADE;\n" }.joined()
            + names("SEQUENCE").map { "DROP SEQUENCE IF EXISTS \($0);\n" }.joined() + names("FUNCTION").map { "DROP FUNCTION IF EXISTS \($0);\n" }.joined()
    }

    /// SQL that ends the life that a backup was taken from, in the transaction that restores it: messages, cursors and leases of before mean nothing now, nor do
    /// those of any life between. Sequences were rewound, so the epoch is above every one that was ever used (by the clock, where the replaced ledger is lost), and
    /// the numbers of fences and workers go on from it: they were never given out, also where the same backup is restored twice.
    ///
    /// - Parameter epoch: of the ledger that is replaced.
    public static func newLifeScript(after epoch: Int64) -> String {
        """
        RESET search_path;
        UPDATE ledger_state SET epoch = GREATEST(epoch + 1, \(epoch) + 1, extract(epoch FROM clock_timestamp())::bigint);
        SELECT setval('ready_seq', GREATEST(nextval('ready_seq') + 4294967296, (SELECT epoch FROM ledger_state) << 30));
        SELECT setval(pg_get_serial_sequence('worker', 'id'), GREATEST(nextval(pg_get_serial_sequence('worker', 'id')), LEAST((SELECT epoch FROM ledger_state) - 1700000000, 2000000000)));
        WITH k AS (SELECT task FROM running ORDER BY task FOR UPDATE),
             x AS (DELETE FROM running r USING k WHERE r.task = k.task)
        INSERT INTO ready (q, task) SELECT t.queue, t.id FROM task t JOIN k ON k.task = t.id WHERE t.state = 0;
        UPDATE worker SET ended_at = now(), consuming = false WHERE ended_at IS NULL;
        UPDATE leader SET holder = NULL, until = '-infinity', epoch = epoch + 1;

        """
    }

    /// Stages and versions that have had queues: what the broker may hold messages of.
    public func knownQueues() async throws -> [(stage: StageName, version: Int)] {
        try await query("list queues", "SELECT DISTINCT s.name, q.version FROM queue q JOIN stage s ON s.id = q.stage ORDER BY 1, 2").map {
            (try NameCache.stageName(try $0.text(0)), try $0.int(1))
        }
    }
}
