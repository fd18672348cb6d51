import FleetModel
import PostgreSQL

extension Ledger {
    /// Returns where the planner has yet to come to the clip; otherwise says why the job has no such clip.
    static func requireToCome(_ key: String, of job: Row, _ transaction: Transaction) async throws {
        let id = try job.int64("id"), collection = try job.int32("collection_id"), name = try job.text("collection")
        let clip: [Parameter] = [.int32(collection), .text(key)]
        guard let known = try await transaction.queryFirst("SELECT gone FROM clip WHERE collection = $1 AND key = $2", clip) else {
            throw FleetError("clip.unknown", "job \(id) runs over collection '\(name)', which has no clip '\(key)'" + (try await hint(key, clip, transaction)))
        }
        let selected = try await transaction.queryOne("SELECT selection IS NULL OR $2 = ANY (selection) FROM job WHERE id = $1", [.int64(id), .text(key)]).bool(0)
        guard selected else {
            throw FleetError("clip.not_selected", "job \(id) was submitted for chosen clips of '\(name)', and '\(key)' is not among them: submit a job that has it")
        }
        if try known.bool(0) {
            throw FleetError("clip.gone", "clip '\(key)' had left collection '\(name)' when job \(id) came to it: ingest a catalogue that has it, then submit a job again")
        }
        let isPassed = try await transaction.queryOne("SELECT planned_at IS NOT NULL OR planned_to >= $2 FROM job WHERE id = $1", [.int64(id), .text(key)]).bool(0)
        if isPassed {
            throw FleetError("clip.late", "clip '\(key)' came into collection '\(name)' after job \(id) was planned: submit a job again, what has a result is reused")
        }
    }

    /// Where the clip may be instead.
    private static func hint(_ key: String, _ clip: [Parameter], _ transaction: Transaction) async throws -> String {
        let elsewhere = try await transaction.query("""
            SELECT o.name FROM collection o WHERE o.id <> $1 AND EXISTS (SELECT FROM clip c WHERE c.collection = o.id AND c.key = $2) ORDER BY o.name LIMIT 5
            """, clip).map { "'\(try $0.text(0))'" }
        if !elsewhere.isEmpty { return ": it is a clip of \(elsewhere.joined(separator: ", "))" }
        let keys = try await transaction.query("SELECT key FROM clip WHERE collection = $1 LIMIT \(keysCompared)", Array(clip.prefix(1))).map { try $0.text(0) }
        let near = NearMatches(of: key).among(keys).map { "'\($0)'" }
        return near.isEmpty ? ": see the catalogue for its keys" : ": did you mean \(near.joined(separator: ", "))?"
    }

    /// A catalogue of Music4All's size, twice; the comparison takes a second.
    private static let keysCompared = 200_000
}
