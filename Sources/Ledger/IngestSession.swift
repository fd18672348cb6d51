import FleetModel
import PostgreSQL

/// Clips as the columns of the ledger, each key once.
struct IngestBatch: Sendable {
    struct Row: Sendable {
        var key: String
        var digest: Digest
        var sources: [UInt8]
        var document: String
    }

    var rows: [Row] = []
    var duplicates: [String] = []

    init(_ clips: [Clip]) throws {
        var seen: Set<String> = []
        rows.reserveCapacity(clips.count)
        for clip in clips {
            guard seen.insert(clip.id).inserted else {
                duplicates.append(clip.id)
                continue
            }
            guard !clip.id.isEmpty, clip.id.utf8.count <= 200, !clip.id.utf8.contains(0) else {
                throw FleetError("ingest.key", "a clip's id must have 1 to 200 bytes and no NUL: '\(clip.id.prefix(60))' has \(clip.id.utf8.count)")
            }
            let document = try CanonicalJSON.encode(clip)
            rows.append(Row(key: clip.id, digest: Digest.of(document), sources: SourceDigests.encode(clip), document: document))
        }
    }
}

/// One ingest on one connection, whose temporary tables hold the batch and the keys that came already.
struct IngestSession: Sendable {
    private let connection: Connection
    private let collection: Int32

    init(_ connection: Connection, collection name: String) async throws {
        self.connection = connection
        let found = try await connection.query("""
            WITH i AS (INSERT INTO collection (name) SELECT $1 WHERE NOT EXISTS (SELECT FROM collection WHERE name = $1) ON CONFLICT DO NOTHING RETURNING id)
            SELECT id FROM i UNION ALL SELECT id FROM collection WHERE name = $1
            """, [.text(name)])
        if let row = found.first {
            collection = try row.int32(0)
        } else {
            // Somebody else made it between the two looks.
            collection = try await connection.queryOne("SELECT id FROM collection WHERE name = $1", [.text(name)]).int32(0)
        }
        try await connection.script("""
            CREATE TEMP TABLE IF NOT EXISTS ingest_seen (key text COLLATE "C" PRIMARY KEY);
            CREATE TEMP TABLE IF NOT EXISTS ingest_batch (key text COLLATE "C" PRIMARY KEY, digest bytea, sources bytea, document text);
            TRUNCATE ingest_seen, ingest_batch;
            """)
    }

    func store(_ batch: IngestBatch) async throws -> IngestReport {
        let collection = collection
        return try await connection.transaction { transaction in
            // Two ingests of one collection take turns.
            try await transaction.script("TRUNCATE ingest_batch")
            try await transaction.execute("SELECT FROM collection WHERE id = $1 FOR UPDATE", [.int32(collection)])
            _ = try await transaction.copy(into: "ingest_batch", columns: ["key", "digest", "sources", "document"]) { writer in
                for row in batch.rows {
                    writer.text(row.key)
                    writer.bytea(row.digest.bytes)
                    writer.bytea(row.sources)
                    writer.text(row.document)
                    try await writer.endRow()
                }
            }
            let repeated = try await transaction.query("DELETE FROM ingest_batch b USING ingest_seen s WHERE s.key = b.key RETURNING b.key").map { try $0.text(0) }
            try await transaction.execute("INSERT INTO ingest_seen SELECT key FROM ingest_batch")
            let counts = try await transaction.queryOne(Self.storeStatement, [.int32(collection)])
            var report = IngestReport()
            report.added = try counts.int("added")
            report.changed = try counts.int("changed")
            report.unchanged = try counts.int("unchanged")
            report.duplicates = batch.duplicates + repeated.sorted()
            report.duplicateCount = report.duplicates.count
            return report
        }
    }

    /// A clip that comes back after it was gone counts as added. (`OFFSET 0`: see Ledger.)
    private static let storeStatement = """
        WITH b AS (SELECT b.key, b.digest, b.sources, b.document, c.id AS old, COALESCE(c.gone, true) AS absent, v.digest IS DISTINCT FROM b.digest AS differs
                   FROM ingest_batch b
                   LEFT JOIN LATERAL (SELECT c.id, c.gone, c.version FROM clip c WHERE c.collection = $1 AND c.key = b.key OFFSET 0) c ON true
                   LEFT JOIN LATERAL (SELECT v.digest FROM clip_version v WHERE v.id = c.version OFFSET 0) v ON true),
             ch AS MATERIALIZED (SELECT b.*, COALESCE(b.old, nextval('clip_id_seq')) AS clip, nextval('clip_version_id_seq') AS version
                                 FROM (SELECT * FROM b WHERE differs ORDER BY key) b),
             iv AS (INSERT INTO clip_version (id, clip, digest, sources, document) OVERRIDING SYSTEM VALUE
                    SELECT version, clip, digest, sources, document FROM ch),
             ic AS (INSERT INTO clip (id, collection, key, version) OVERRIDING SYSTEM VALUE SELECT clip, $1, key, version FROM ch WHERE old IS NULL),
             uc AS (UPDATE clip c SET version = ch.version, gone = false FROM ch WHERE ch.old = c.id),
             ub AS (UPDATE clip c SET gone = false FROM b WHERE b.old = c.id AND NOT b.differs AND b.absent)
        SELECT count(*) FILTER (WHERE absent) AS added, count(*) FILTER (WHERE NOT absent AND differs) AS changed,
               count(*) FILTER (WHERE NOT absent AND NOT differs) AS unchanged
        FROM b
        """

    /// - Returns: how many clips are newly gone.
    func finish(markGone: Bool) async throws -> Int {
        var gone = 0
        if markGone {
            gone = try await connection.execute("""
                UPDATE clip c SET gone = true WHERE c.collection = $1 AND NOT c.gone AND NOT EXISTS (SELECT FROM ingest_seen s WHERE s.key = c.key)
                """, [.int32(collection)])
        }
        try await connection.script("DROP TABLE ingest_seen, ingest_batch; ANALYZE clip;")
        return gone
    }
}
