import Crypto

/// One item to be split.
public struct SplitMember: Hashable, Sendable {
    /// Unique: the clip's id.
    public var key: String
    /// What must not be divided: the normalised artist.
    public var group: String

    public init(key: String, group: String) {
        self.key = key
        self.group = group
    }
}

/// Where an item is, and in which group it was when it was put there.
public struct SplitAssignment: Hashable, Sendable, Codable {
    public var key: String
    public var group: String
    public var side: SplitSide

    public init(key: String, group: String, side: SplitSide) {
        self.key = key
        self.group = group
        self.side = side
    }
}

/// A division into train and test that never divides a group.
///
/// Groups are ordered by SHA-256(seed ‖ 0x00 ‖ group), so that the order depends on nothing but names and seed, and `test` takes
/// groups in that order, skipping those that no longer fit. Pins, former assignments, hold: a group goes where most of its
/// pinned items are, the place of an item that has left is not filled again, and only what is new is divided.
public struct Split: Hashable, Sendable {
    public static let defaultSeed = "mvfleet-split-1"

    /// Of the members, ascending by key (bytes).
    public let assignments: [SplitAssignment]
    /// The assignments together with the pins of items that are absent now: what to keep and to give as `pinned` next time.
    public let pins: [SplitAssignment]
    public let proof: SplitProof

    /// - Parameters:
    ///   - testSize: items wanted in `test`; nil for the paper's proportion of all items, pinned and absent ones included.
    ///   - pinned: the `pins` of a former split.
    /// - Throws: `dataset.split_invalid` for repeated keys or a test size out of range.
    public init(members: [SplitMember], testSize: Int? = nil, seed: String = Split.defaultSeed, pinned: [SplitAssignment] = []) throws {
        let members = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let present = Set(members.map(\.key))
        guard present.count == members.count else {
            throw DatasetError(.splitInvalid, "A key occurs twice among the \(members.count) items to split; keys must be unique.")
        }
        guard Set(pinned.map(\.key)).count == pinned.count else {
            throw DatasetError(.splitInvalid, "A key occurs twice among the \(pinned.count) pins; keys must be unique.")
        }
        let absent = pinned.filter { !present.contains($0.key) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }

        var groups = GroupTally(members: members, absent: absent, pinned: pinned)
        let everybody = members.count + absent.count
        let wanted = testSize ?? Split.defaultTestSize(members: everybody, groups: groups.count)
        guard wanted >= 0, wanted < max(everybody, 1) else {
            throw DatasetError(.splitInvalid, "A test split of \(wanted) cannot be taken from \(everybody) items; ask for fewer than there are.")
        }
        let method = groups.fillTest(to: wanted, seed: seed)

        let former = Dictionary(uniqueKeysWithValues: pinned.map { ($0.key, $0.side) })
        assignments = members.map { SplitAssignment(key: $0.key, group: $0.group, side: groups.side(of: $0.group)) }
        pins = (assignments + absent).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        proof = SplitProof(assignments: assignments, absent: absent, seed: seed, requestedTest: wanted, method: method,
                           pinned: assignments.count { former[$0.key] != nil },
                           moved: assignments.count { item in former[item.key].map { $0 != item.side } ?? false })
    }

    /// The paper's 1,446 of 56,446, rounded; at least 1 when there are two groups or more, so that both sides have something.
    public static func defaultTestSize(members: Int, groups: Int) -> Int {
        guard groups >= 2 else { return 0 }
        return max(1, Int((Double(members) * 1_446 / 56_446).rounded()))
    }

    /// Nil for a key that is not among the members.
    public func side(of key: String) -> SplitSide? {
        var low = 0
        var high = assignments.count
        while low < high {
            let middle = (low + high) / 2
            if assignments[middle].key.utf8.lexicographicallyPrecedes(key.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < assignments.count && assignments[low].key == key ? assignments[low].side : nil
    }
}
