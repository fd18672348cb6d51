import FleetModel

/// In which order the jobs of one broker queue are sent: higher priority first, and turn by turn among equals.
///
/// A pure value. Jobs that always have something to send are sent equally often, whatever their sizes; one that had nothing for a while has neither saved
/// turns up nor lost any.
package struct FairOrder: Sendable {
    /// What one job could send now.
    package struct Candidate: Sendable {
        /// The job's queue in the ledger.
        package var queue: Int32
        package var priority: Int
        /// In the order in which they are to go, as many as the job's own limit lets pass.
        package var tokens: [ReadyToken]

        package init(queue: Int32, priority: Int, tokens: [ReadyToken]) {
            self.queue = queue
            self.priority = priority
            self.tokens = tokens
        }
    }

    /// How many turns each queue has had that had something to send the last time.
    private var turns: [Int32: Int] = [:]

    package init() {}

    /// - Parameter room: how many tokens may go.
    /// - Returns: the tokens in the order in which to send them.
    package mutating func pick(_ candidates: [Candidate], room: Int) -> [ReadyToken] {
        let active = candidates.filter { !$0.tokens.isEmpty }
        enter(active)
        var picked: [ReadyToken] = []
        for priority in Set(active.map(\.priority)).sorted(by: >) where picked.count < room {
            picked += takeTurns(active.filter { $0.priority == priority }, room: room - picked.count)
        }
        return picked
    }

    /// Whoever comes anew begins beside the one that has had the fewest turns.
    private mutating func enter(_ active: [Candidate]) {
        let known = turns
        turns = [:]
        for level in Dictionary(grouping: active, by: \.priority).values {
            let first = level.compactMap { known[$0.queue] }.min() ?? 0
            // Counted from the first: the numbers stay small.
            for candidate in level { turns[candidate.queue] = max((known[candidate.queue] ?? first) - first, 0) }
        }
    }

    private mutating func takeTurns(_ peers: [Candidate], room: Int) -> [ReadyToken] {
        if peers.count == 1 { return Array(peers[0].tokens.prefix(room)) }
        var picked: [ReadyToken] = []
        var next = peers.map { (queue: $0.queue, turns: turns[$0.queue] ?? 0, position: 0, tokens: $0.tokens) }
        while picked.count < room {
            guard let turn = next.indices.filter({ next[$0].position < next[$0].tokens.count })
                .min(by: { (next[$0].turns, next[$0].queue) < (next[$1].turns, next[$1].queue) }) else { break }
            picked.append(next[turn].tokens[next[turn].position])
            next[turn].position += 1
            next[turn].turns += 1
        }
        for entry in next { turns[entry.queue] = entry.turns }
        return picked
    }
}
