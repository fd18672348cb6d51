import Ledger

extension Migration {
    /// A contraction that might come after all that this program knows: programs that do not know it are refused from then on.
    package static var next: Migration {
        let version = (Migration.all.last?.version ?? 0) + 1
        return Migration(version: version, name: "contract", sql: "UPDATE ledger_state SET minimum_client = \(version)")
    }
}
