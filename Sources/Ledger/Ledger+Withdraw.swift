import FleetModel
import PostgreSQL

extension Ledger {
    /// Calls back what was sent for a stage in a lane: its first ready rows get new numbers, so that the messages that are out, also those that a worker has
    /// fetched, find nothing. The tasks stay ready, and go out again as the stage's limit lets them.
    public func withdraw(stage: StageName, lane: Lane) async throws {
        try await transaction("withdraw what was sent for a stage") { transaction in
            guard let row = try await transaction.queryFirst("SELECT id FROM stage WHERE name = $1", [.text(stage.rawValue)]) else { return }
            try await Self.withdraw(stage: try row.int16(0), lane: lane, transaction)
        }
    }

    /// The same for all queues of a job.
    public func withdraw(job: JobID) async throws {
        try await transaction("withdraw what was sent for a job") { try await Self.withdraw(job: job, $0) }
    }

    /// - Parameter lane: both where nil.
    static func withdraw(stage: Int16, lane: Lane? = nil, _ transaction: Transaction) async throws {
        try await withdraw("q.stage = $2 AND ($3::smallint IS NULL OR q.lane = $3)", [.int16(stage), .int16(lane?.rawValue)], transaction)
    }

    static func withdraw(job: JobID, _ transaction: Transaction) async throws {
        try await withdraw("q.job = $2", [.int64(job.rawValue)], transaction)
    }

    /// More rows of one queue than a dispatcher ever has out; it sends from the head.
    private static let mostOut = 20_000

    /// Rows that a claim holds at this moment are passed over: they are being run.
    private static func withdraw(_ condition: String, _ values: [Parameter], _ transaction: Transaction) async throws {
        try await transaction.execute("""
            WITH k AS (SELECT h.q, h.seq FROM queue q CROSS JOIN LATERAL (SELECT r.q, r.seq FROM ready r WHERE r.q = q.id ORDER BY r.seq LIMIT $1) h WHERE \(condition)),
                 l AS (SELECT r.q, r.seq FROM ready r JOIN k USING (q, seq) ORDER BY r.q, r.seq FOR UPDATE OF r SKIP LOCKED)
            UPDATE ready r SET seq = nextval('ready_seq') FROM l WHERE r.q = l.q AND r.seq = l.seq
            """, [.int(mostOut)] + values)
    }
}
