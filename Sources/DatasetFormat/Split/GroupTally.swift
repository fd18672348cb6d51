import Crypto

/// The groups of a split while sides are given to them.
struct GroupTally {
    private var sizes: [String: Int] = [:]
    private var sides: [String: SplitSide] = [:]
    /// Items in `test` by pins, absent ones included: their places are not filled again.
    private var inTest = 0

    /// Groups that have items, absent ones included.
    var count: Int { sizes.count }

    init(members: [SplitMember], absent: [SplitAssignment], pinned: [SplitAssignment]) {
        for member in members { sizes[member.group, default: 0] += 1 }
        for item in absent { sizes[item.group, default: 0] += 1 }

        // A present item votes in the group that it is in now, an absent one in the group that it was in.
        let former = Dictionary(uniqueKeysWithValues: pinned.map { ($0.key, $0.side) })
        var votes: [String: Int] = [:]
        for member in members {
            if let side = former[member.key] { votes[member.group, default: 0] += side == .test ? 1 : -1 }
        }
        for item in absent { votes[item.group, default: 0] += item.side == .test ? 1 : -1 }
        for (group, vote) in votes {
            sides[group] = vote > 0 ? .test : .train
            if vote > 0 { inTest += sizes[group] ?? 0 }
        }
    }

    /// A group that nothing was decided for is in `train`.
    func side(of group: String) -> SplitSide { sides[group] ?? .train }

    /// Gives every group without a side its side, so that `test` has `wanted` items or as near below as whole groups allow.
    /// - Returns: how that was done, in words.
    mutating func fillTest(to wanted: Int, seed: String) -> String {
        let free = orderedFreeGroups(seed: seed)
        let room = wanted - inTest
        guard room > 0, !free.isEmpty else { return SplitProof.Method.hashOrder }

        var chosen: [Int] = []
        var left = room
        for (position, group) in free.enumerated() where group.size <= left {
            chosen.append(position)
            left -= group.size
            if left == 0 { break }
        }
        var method = SplitProof.Method.hashOrder
        if left > 0 {
            chosen = SubsetSum.nearestBelow(room, sizes: free.map(\.size))
            method = SplitProof.Method.subsetSum
            if chosen.isEmpty, inTest == 0, free.count + sides.count >= 2,
               let smallest = free.indices.min(by: { (free[$0].size, $0) < (free[$1].size, $1) }) {
                chosen = [smallest]
                method = SplitProof.Method.smallestGroup
            }
        }
        for position in chosen { sides[free[position].name] = .test }
        return method
    }

    private func orderedFreeGroups(seed: String) -> [(name: String, size: Int)] {
        sizes.filter { sides[$0.key] == nil }
            .map { (order: Array(SHA256.hash(data: Array(seed.utf8) + [0] + Array($0.key.utf8))), name: $0.key, size: $0.value) }
            .sorted { $0.order.lexicographicallyPrecedes($1.order) }
            .map { ($0.name, $0.size) }
    }
}
