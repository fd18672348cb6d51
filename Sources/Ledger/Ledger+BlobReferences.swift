import FleetModel
import PostgreSQL

/// A blob that a result refers to, or a request that waits for its batch.
public struct BlobReference: Sendable, Hashable {
    public var blob: Digest
    public var task: Int64
}

extension Ledger {
    /// The blobs that results refer to, page by page, in the order of tasks. Whatever a result holds that looks like a digest counts: a stage need not say where in
    /// its output it puts them, and a blob too many is kept at worst.
    ///
    /// Not one snapshot: a result that is written meanwhile may be missing.
    ///
    /// - Parameter deleted: leaves out what only deleted jobs that are this old refer to, as a collection would.
    public func blobReferences(ignoringDeletedFor deleted: Duration? = nil, _ body: (_ page: [BlobReference]) async throws -> Void) async throws {
        let leaving: [JobID]
        if let deleted { leaving = try await collectableJobs(grace: deleted) } else { leaving = [] }
        var after: Int64 = -1
        while true {
            let rows = try await query("read what results refer to", Self.pageStatement, [.int64(after), .int(Self.resultsPerPage), .int64Array(leaving.map(\.rawValue))])
            guard let last = try rows.last?.int64(0) else { break }
            after = last
            try await body(try Self.references(rows))
        }
        var line: [UInt8] = []
        while true {
            let rows = try await query("read what requests refer to", Self.linesStatement, [.bytea(line), .int(Self.resultsPerPage)])
            guard let last = try rows.last?.bytea("digest") else { return }
            line = last
            try await body(try Self.references(rows))
        }
    }

    /// The same, of one snapshot.
    static func blobReferences(_ transaction: Transaction, _ body: (_ page: [BlobReference]) async throws -> Void) async throws {
        var after: Int64 = -1
        while true {
            let rows = try await transaction.query(pageStatement, [.int64(after), .int(resultsPerPage), .int64Array([])])
            guard let last = try rows.last?.int64(0) else { break }
            after = last
            try await body(try references(rows))
        }
        var line: [UInt8] = []
        while true {
            let rows = try await transaction.query(linesStatement, [.bytea(line), .int(resultsPerPage)])
            guard let last = try rows.last?.bytea("digest") else { return }
            line = last
            try await body(try references(rows))
        }
    }

    private static let resultsPerPage = 2_000

    private static let pageStatement = """
        SELECT r.task, CASE WHEN (cardinality($3::bigint[]) = 0 OR EXISTS (SELECT FROM job_task jt WHERE jt.task = r.task AND NOT jt.job = ANY ($3)))
                                 AND r.output ~ '[0-9a-f]{64}' THEN r.output END AS output
        FROM result r WHERE r.task > $1 ORDER BY r.task LIMIT $2
        """

    /// Requests that go by batch name their pictures in their text.
    private static let linesStatement = "SELECT task, request AS output, digest FROM llm_line WHERE digest > $1 ORDER BY digest LIMIT $2"

    private static func references(_ rows: Rows) throws -> [BlobReference] {
        var page: [BlobReference] = []
        for row in rows {
            guard let output = try row.textIfPresent("output") else { continue }
            let task = try row.int64("task")
            for blob in digests(in: output) { page.append(BlobReference(blob: blob, task: task)) }
        }
        return page
    }

    /// Every run of exactly 64 lower-case hexadecimal digits.
    package static func digests(in text: String) -> [Digest] {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }
        var found: [Digest] = []
        var text = text
        text.withUTF8 { bytes in
            var index = 0
            while index < bytes.count {
                guard isDigit(bytes[index]) else {
                    index += 1
                    continue
                }
                let start = index
                while index < bytes.count, isDigit(bytes[index]) { index += 1 }
                if index - start == 64, let digest = Digest(hex: String(decoding: bytes[start..<index], as: UTF8.self)) { found.append(digest) }
            }
        }
        return found
    }
}
