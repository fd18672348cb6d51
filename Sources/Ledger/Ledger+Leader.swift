import FleetModel
import Foundation
import PostgreSQL

extension Ledger {
    /// Takes or renews the lead. A row with an end on the database's clock, since a session's advisory lock would stay with a leader that sleeps.
    ///
    /// - Returns: the term, with the same epoch as before while it is unbroken; nil where somebody else leads.
    public func acquireLeadership(_ candidate: UUID, lease: Duration) async throws -> LeaderTerm? {
        let rows = try await query("take the lead", """
            UPDATE leader SET holder = $1, until = clock_timestamp() + $2,
                              epoch = epoch + CASE WHEN holder = $1 AND until > clock_timestamp() THEN 0 ELSE 1 END
            WHERE holder IS NULL OR holder = $1 OR until <= clock_timestamp() RETURNING epoch
            """, [.uuid(candidate.byteArray), .interval(lease)])
        guard let row = rows.first else { return nil }
        return LeaderTerm(holder: candidate, epoch: try row.int64(0))
    }

    /// Says who leads, for people who look for it. A term that is over already changes nothing.
    public func describeLeader(_ term: LeaderTerm, _ identity: CoordinatorIdentity) async throws {
        _ = try await query("describe the leader", """
            UPDATE leader SET described = $1, host = $3, pid = $4, version = $5, since = clock_timestamp(), dispatched_at = clock_timestamp(),
                              hindrance = NULL
            WHERE holder = $1 AND epoch = $2
            """, [.uuid(term.holder.byteArray), .int64(term.epoch), .text(identity.host), .int32(identity.pid), .text(identity.version)])
    }

    /// Says how long ago the leader's dispatcher last went through all queues, and what keeps it from dispatching.
    public func reportDispatch(_ term: LeaderTerm, ago: Duration, hindrance: String? = nil) async throws {
        _ = try await query("report the dispatcher", "UPDATE leader SET dispatched_at = clock_timestamp() - $3, hindrance = $4 WHERE holder = $1 AND epoch = $2",
                            [.uuid(term.holder.byteArray), .int64(term.epoch), .interval(ago), .text(hindrance)])
    }

    /// Who leads now, or led last.
    public func leader() async throws -> Leader {
        try await snapshot("read who leads") { try await Self.leader($0) }
    }

    static func leader(_ transaction: Transaction) async throws -> Leader {
        let row = try await transaction.queryOne("""
            SELECT holder IS NOT NULL AND until > clock_timestamp() AS leads, CASE WHEN isfinite(until) THEN until END AS until,
                   holder IS NOT NULL AND described = holder AS described, host, pid, version, since, dispatched_at, hindrance FROM leader
            """)
        var leader = Leader(leads: try row.bool("leads"), until: try row.timestampIfPresent("until")?.date)
        if try row.boolIfPresent("described") ?? false {
            leader.identity = CoordinatorIdentity(host: try row.text("host"), pid: try row.int32("pid"), version: try row.text("version"))
            leader.since = try row.timestampIfPresent("since")?.date
            leader.dispatchedAt = try row.timestampIfPresent("dispatched_at")?.date
            if leader.leads { leader.hindrance = try row.textIfPresent("hindrance") }
        }
        return leader
    }

    /// Gives the lead up, so that the next one need not wait for the lease to end. A term that is over already changes nothing.
    public func resignLeadership(_ term: LeaderTerm) async throws {
        _ = try await query("resign the lead", "UPDATE leader SET holder = NULL, until = '-infinity' WHERE holder = $1 AND epoch = $2",
                            [.uuid(term.holder.byteArray), .int64(term.epoch)])
    }
}

extension UUID {
    var byteArray: [UInt8] {
        withUnsafeBytes(of: uuid) { Array($0) }
    }

    init?(byteArray: [UInt8]) {
        guard byteArray.count == 16 else { return nil }
        let b = byteArray
        self.init(uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
    }
}
