/// Which statements a connection has prepared, by text and parameter types; bounded, the least recently used leaves first. Pure: the owner prepares and deallocates.
package struct StatementCache {
    package struct Key: Hashable {
        package var sql: String
        package var types: [TypeOID]

        package init(sql: String, types: [TypeOID]) {
            self.sql = sql
            self.types = types
        }
    }

    package enum Lookup: Equatable {
        case prepared(name: String)
        /// Prepare it under this name, then call `insert`.
        case missing(name: String)
    }

    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var clock: UInt64 = 0
    private var namesGiven: UInt64 = 0

    package init(limit: Int) { self.limit = max(1, limit) }

    package var count: Int { entries.count }
    package func contains(_ key: Key) -> Bool { entries[key] != nil }

    package mutating func lookup(_ key: Key) -> Lookup {
        clock &+= 1
        if let index = entries.index(forKey: key) {
            entries.values[index].lastUse = clock
            return .prepared(name: entries.values[index].name)
        }
        namesGiven &+= 1
        return .missing(name: "s\(namesGiven)")
    }

    /// - Returns: the name of the statement to deallocate, if the cache was full.
    package mutating func insert(_ key: Key, name: String) -> String? {
        var evicted: String?
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        entries[key] = Entry(name: name, lastUse: clock)
        return evicted
    }

    /// - Returns: the name it was prepared under.
    package mutating func remove(_ key: Key) -> String? { entries.removeValue(forKey: key)?.name }
}
