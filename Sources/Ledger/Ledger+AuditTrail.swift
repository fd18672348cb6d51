import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// What was done, newest first.
    public func auditTrail(since: Date? = nil, limit: Int = 100) async throws -> [AuditRecord] {
        try await query("read its audit trail", """
            SELECT id, at, who, action, filter, count FROM audit WHERE $1::timestamptz IS NULL OR at >= $1 ORDER BY id DESC LIMIT $2
            """, [.timestamp(since.map { Timestamp($0) }), .int(limit)]).map { row in
            AuditRecord(id: try row.int64("id"), at: try row.timestamp("at").date, who: try row.text("who"), action: try row.text("action"),
                        filter: try row.text("filter"), count: try row.int("count"))
        }
    }

    /// Writes down, in the transaction that does it, what this ledger's principal does.
    ///
    /// - Returns: the record's number, for ``addToRecord(_:_:_:)``.
    @discardableResult
    func record(_ action: AuditRecord.Action, _ filter: some Encodable, count: Int, _ transaction: Transaction) async throws -> Int64 {
        try await transaction.queryOne("INSERT INTO audit (who, action, filter, count) VALUES ($1, $2, $3, $4) RETURNING id", [
            .text(principal.storable), .text(action.rawValue), .text(try CanonicalJSON.encode(filter).storable), .int(count),
        ]).int64(0)
    }

    /// Work in several transactions is recorded with what is done in each: a kill on the way leaves a record of what was done.
    static func addToRecord(_ id: Int64, _ count: Int, _ transaction: Transaction) async throws {
        try await transaction.execute("UPDATE audit SET count = count + $2 WHERE id = $1", [.int64(id), .int(count)])
    }
}
