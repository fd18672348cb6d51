import FleetModel
import PostgreSQL

extension Ledger {
    /// Which life of the ledger this is. Tokens and cursors of another one are refused.
    public func epoch() async throws -> Int64 {
        guard let row = try await query("read its epoch", "SELECT epoch FROM ledger_state").first else {
            throw FleetError("ledger.corrupt", "the ledger has no epoch: restore the database, or begin with an empty one")
        }
        return try row.int64(0)
    }

    /// Begins a new life after a restore from a backup, which rewound the sequences: messages and cursors from before mean nothing now.
    /// Every lease is given back, since whoever held one knows it by a number that may be given out again.
    ///
    /// The broker's queues should be purged as well; what stays in them is refused, one message at a time.
    public func newEpoch() async throws -> Int64 {
        try await transaction("begin a new epoch") { transaction in
            let epoch = try await transaction.queryOne("UPDATE ledger_state SET epoch = epoch + 1 RETURNING epoch").int64(0)
            try await transaction.execute("""
                WITH k AS (SELECT task FROM running ORDER BY task FOR UPDATE),
                     x AS (DELETE FROM running r USING k WHERE r.task = k.task),
                     l AS (SELECT t.id, t.queue FROM task t JOIN k ON k.task = t.id WHERE t.state = 0 ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t)
                INSERT INTO ready (q, task) SELECT queue, id FROM l
                """)
            return epoch
        }
    }
}
