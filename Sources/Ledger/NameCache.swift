import FleetModel
import PostgreSQL
import Synchronization

/// Stages and recipes by the ledger's numbers. Both never change once written, so what was read once stays true until a restore begins another life of the ledger,
/// in which the same numbers may mean something else.
final class NameCache: Sendable {
    struct RecipeEntry: Sendable {
        var stage: StageName
        var settings: String
    }

    private struct Entries {
        /// The life that they are of.
        var epoch: Int64?
        var stages: [Int16: StageName] = [:]
        var recipes: [Int32: RecipeEntry] = [:]
    }

    private let entries = Mutex(Entries())

    // The lock is taken in functions of their own that are never inlined: in the frame of an async function the optimiser (Swift 6.3, Linux) may carry the
    // locking thread's identity over a suspension, and the unlock then traps on another thread.

    @inline(never)
    private func known(in epoch: Int64) -> Entries {
        entries.withLock { entries in
            if entries.epoch != epoch { entries = Entries(epoch: epoch) }
            return entries
        }
    }

    @inline(never)
    private func add(in epoch: Int64, _ stages: [Int16: StageName] = [:], _ recipes: [Int32: RecipeEntry] = [:]) {
        entries.withLock { entries in
            guard entries.epoch == epoch else { return }
            entries.stages.merge(stages) { $1 }
            entries.recipes.merge(recipes) { $1 }
        }
    }

    /// The names of these stages, asking the ledger for those that are new here.
    ///
    /// - Parameter epoch: the ledger's, as the caller has just read it.
    func stages(_ ids: some Sequence<Int16>, in epoch: Int64, _ session: some SQLSession) async throws -> [Int16: StageName] {
        let wanted = Set(ids)
        let known = known(in: epoch).stages
        if wanted.isSubset(of: known.keys) { return known }
        let read = try await Self.stages(session)
        add(in: epoch, read)
        return known.merging(read) { $1 }
    }

    /// All names of stages, as the ledger has them now.
    static func stages(_ session: some SQLSession) async throws -> [Int16: StageName] {
        var read: [Int16: StageName] = [:]
        for row in try await session.query("SELECT id, name FROM stage") { read[try row.int16(0)] = try stageName(try row.text(1)) }
        return read
    }

    func recipes(_ ids: some Sequence<Int32>, in epoch: Int64, _ session: some SQLSession) async throws -> [Int32: RecipeEntry] {
        let wanted = Set(ids)
        let known = known(in: epoch).recipes
        let missing = wanted.subtracting(known.keys)
        if missing.isEmpty { return known }
        let rows = try await session.query(
            "SELECT r.id, s.name, r.settings FROM recipe r JOIN stage s ON s.id = r.stage WHERE r.id = ANY ($1)", [.int32Array(missing.sorted())])
        var read: [Int32: RecipeEntry] = [:]
        for row in rows {
            read[try row.int32(0)] = RecipeEntry(stage: try Self.stageName(try row.text(1)), settings: try row.text(2))
        }
        add(in: epoch, [:], read)
        return known.merging(read) { $1 }
    }

    static func stageName(_ text: String) throws -> StageName {
        guard let name = StageName(rawValue: text) else {
            throw FleetError("ledger.corrupt", "the ledger names a stage '\(text)', which is no stage's name: was it written by another program?")
        }
        return name
    }
}

extension Dictionary {
    /// The entry that the ledger's own keys promise.
    func entry(_ key: Key, _ what: StaticString) throws -> Value {
        guard let value = self[key] else {
            throw FleetError("ledger.corrupt", "the ledger refers to \(what) \(key), which it does not hold: was a table edited by hand?")
        }
        return value
    }
}
