import FleetModel
import PostgreSQL

extension Ledger {
    /// What ended, in an order that never gains rows behind a cursor: by (transaction, id), and only below the oldest transaction that is still open anywhere in the
    /// instance. `lag` says how far that one holds the stream back.
    ///
    /// - Parameter cursor: where the last page ended; nil begins with the oldest event that is kept.
    /// - Throws: `event.epoch` for a cursor of another epoch: the ledger was restored, begin anew.
    public func events(after cursor: EventCursor?, job: JobID? = nil, limit: Int = 1_000) async throws -> EventPage {
        try await snapshot("read events") { [names] transaction in
            let head = try await transaction.queryOne("""
                SELECT l.epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xmin, COALESCE(extract(epoch FROM clock_timestamp() - (
                           SELECT min(a.xact_start) FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid())), 0)::double precision AS lag
                FROM ledger_state l
                """)
            let epoch = try head.int64("epoch")
            if let cursor, cursor.epoch != epoch {
                throw FleetError("event.epoch", "the cursor is of epoch \(cursor.epoch) and the ledger is in epoch \(epoch), having been restored: begin anew")
            }
            let rows = try await transaction.query("""
                SELECT xid, id, at, job, stage, state, tasks FROM event
                WHERE (xid, id) > ($1::xid8, $2::bigint) AND xid < $3::xid8 AND ($4::bigint IS NULL OR job = $4) ORDER BY xid, id LIMIT $5
                """, [.xid8(cursor?.transaction ?? 0), .int64(cursor?.id ?? -1), .xid8(try head.xid8("xmin")), .int64(job?.rawValue), .int(limit)])
            let stages = try await names.stages(try rows.map { try $0.int16("stage") }, in: epoch, transaction)
            let events = try rows.map { row in
                guard let state = TaskState(rawValue: try row.int16("state")) else { throw FleetError("ledger.corrupt", "an event has a state that this program does not know") }
                return LedgerEvent(cursor: EventCursor(epoch: epoch, transaction: try row.xid8("xid"), id: try row.int64("id")), at: try row.timestamp("at").date,
                                   job: JobID(rawValue: try row.int64("job")), stage: try stages.entry(try row.int16("stage"), "stage"), state: state,
                                   tasks: try row.int64Array("tasks"))
            }
            let start = cursor ?? EventCursor(epoch: epoch, transaction: 0, id: -1)
            return EventPage(events: events, next: events.last?.cursor ?? start, lag: .seconds(max(0, try head.double("lag"))))
        }
    }
}
