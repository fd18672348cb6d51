import FleetModel
import Logging
import PostgreSQL

extension Ledger {
    /// Stores a catalogue's clips. Idempotent: the same catalogue again changes nothing; a changed clip gets a new version, the old one stays.
    ///
    /// - Parameter batches: the clips, in batches of any size. Memory is bounded by the largest two of them.
    /// - Parameter isComplete: true marks what the collection has and the catalogue no longer has as gone; false adds to the collection.
    /// - Parameter progress: called with the number of clips stored so far.
    public func ingest<Batches: AsyncSequence>(
        _ batches: Batches, into collection: String, isComplete: Bool = true, progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> IngestReport where Batches.Element == [Clip] {
        let logger = logger
        return try await translated("ingest clips") {
            try await pool.withConnection { connection in
                let session = try await IngestSession(connection, collection: collection)
                var report = IngestReport()
                var iterator = batches.makeAsyncIterator()
                var encoded = try await iterator.next().map { try IngestBatch($0) }
                // The next batch is encoded while the server stores this one.
                while let batch = encoded {
                    async let stored = session.store(batch)
                    do {
                        encoded = try await iterator.next().map { try IngestBatch($0) }
                    } catch {
                        _ = try? await stored
                        throw error
                    }
                    report.add(try await stored)
                    progress?(report.total + report.duplicateCount)
                }
                report.gone = try await session.finish(markGone: isComplete)
                logger.info("ledger.ingested", metadata: [
                    "collection": "\(collection)", "added": "\(report.added)", "changed": "\(report.changed)", "gone": "\(report.gone)",
                ])
                return report
            }
        }
    }

    public func ingest(_ clips: [Clip], into collection: String, isComplete: Bool = true) async throws -> IngestReport {
        let pieces = stride(from: 0, to: clips.count, by: 2_000).map { Array(clips[$0..<min($0 + 2_000, clips.count)]) }
        return try await ingest(AsyncStream { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish()
        }, into: collection, isComplete: isComplete)
    }

    public func collections() async throws -> [CollectionInfo] {
        try await query("list collections", """
            SELECT n.name, count(c.id) FILTER (WHERE NOT c.gone) AS clips, count(c.id) FILTER (WHERE c.gone) AS gone
            FROM collection n LEFT JOIN clip c ON c.collection = n.id GROUP BY n.name ORDER BY n.name COLLATE "C"
            """).map { CollectionInfo(name: try $0.text(0), clips: try $0.int(1), gone: try $0.int(2)) }
    }
}

extension IngestReport {
    fileprivate mutating func add(_ other: IngestReport) {
        added += other.added
        changed += other.changed
        unchanged += other.unchanged
        duplicateCount += other.duplicateCount
        duplicates += other.duplicates.prefix(max(0, 100 - duplicates.count))
    }
}
