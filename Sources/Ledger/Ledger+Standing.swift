import PostgreSQL

extension Ledger {
    /// What a transaction does with what stands: results, verdicts, tasks that nobody is about to change.
    enum StandingUse: String {
        case relyingOnIt = "pg_advisory_xact_lock_shared"
        case takingItAway = "pg_advisory_xact_lock"
    }

    /// A planner reuses what stands without a lock on each of its hundred thousand rows: they hardly ever change. So it holds this one lock, shared with other
    /// planners, for the length of a chunk, and looks at states only after it has it; whoever takes away what stands holds it alone, for the length of a batch.
    /// Settlements do without: they and whoever takes away meet at the locks of their rows.
    ///
    /// The first lock of its transaction.
    static func lockStanding(_ use: StandingUse, _ transaction: Transaction) async throws {
        _ = try await transaction.query("SELECT \(use.rawValue)(hashtextextended('mvfleet standing', 0))")
    }
}
