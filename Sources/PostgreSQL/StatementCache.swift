/// Which statements a connection has prepared, by text and parameter types; bounded, the least recently used leaves first. Pure: the owner prepares and deallocates.
struct StatementCache {
    struct Key: Hashable {
        var sql: String
        var types: [TypeOID]
    }

    enum Lookup: Equatable {
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

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { entries.count }
    func contains(_ key: Key) -> Bool { entries[key] != nil }

    mutating func lookup(_ key: Key) -> Lookup {
        clock &+= 1
        if let index = entries.index(forKey: key) {
            entries.values[index].lastUse = clock
            return .prepared(name: entries.values[index].name)
        }
        namesGiven &+= 1
        return .missing(name: "s\(namesGiven)")
    }

    /// - Returns: the name of the statement to deallocate, if the cache was full.
    mutating func insert(_ key: Key, name: String) -> String? {
        var evicted: String?
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        entries[key] = Entry(name: name, lastUse: clock)
        return evicted
    }

    /// - Returns: the name it was prepared under.
    mutating func remove(_ key: Key) -> String? { entries.removeValue(forKey: key)?.name }
}
