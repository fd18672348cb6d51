import FleetModel
import PostgreSQL

extension Ledger {
    /// Pins which clip goes to which split, for good: one clip that dies later must not reshuffle the others. The first pin wins.
    ///
    /// - Parameter assignment: the split's name by clip key.
    /// - Returns: the assignment that is pinned.
    public func pinSplit(_ job: JobID, _ assignment: [String: String]) async throws -> [String: String] {
        try await transaction("pin a split") { transaction in
            guard let row = try await transaction.queryFirst("SELECT split_pinned_at IS NOT NULL FROM job WHERE id = $1 FOR UPDATE", [.int64(job.rawValue)]) else {
                throw Self.unknown(job)
            }
            if try row.bool(0) { return try await Self.pinned(job, transaction) }
            try await transaction.copy(into: "job_split", columns: ["job", "key", "split"]) { writer in
                for (key, split) in assignment.sorted(by: { $0.key < $1.key }) {
                    writer.int64(job.rawValue)
                    writer.text(key)
                    writer.text(split)
                    try await writer.endRow()
                }
            }
            try await transaction.execute("UPDATE job SET split_pinned_at = now() WHERE id = $1", [.int64(job.rawValue)])
            return assignment
        }
    }

    /// - Returns: the pinned split by clip key; nil where none is.
    public func split(of job: JobID) async throws -> [String: String]? {
        try await snapshot("read a split") { transaction in
            guard let row = try await transaction.queryFirst("SELECT split_pinned_at IS NOT NULL FROM job WHERE id = $1", [.int64(job.rawValue)]) else {
                throw Self.unknown(job)
            }
            return try row.bool(0) ? try await Self.pinned(job, transaction) : nil
        }
    }

    private static func pinned(_ job: JobID, _ transaction: Transaction) async throws -> [String: String] {
        var assignment: [String: String] = [:]
        for row in try await transaction.query("SELECT key, split FROM job_split WHERE job = $1", [.int64(job.rawValue)]) {
            assignment[try row.text(0)] = try row.text(1)
        }
        return assignment
    }
}
