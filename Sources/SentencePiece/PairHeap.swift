/// Pairs of neighbours that could be joined, the best first.
struct PairHeap {
    struct Pair {
        var left: Int
        var right: Int
        var score: Float
        /// Bytes of both; another number when one of them has since been joined otherwise.
        var size: Int

        /// The higher score; of equals the one further left.
        func isBefore(_ other: Pair) -> Bool { score > other.score || (score == other.score && left < other.left) }
    }

    private var pairs: [Pair] = []

    mutating func push(_ pair: Pair) {
        pairs.append(pair)
        var index = pairs.count - 1
        while index > 0, pairs[index].isBefore(pairs[(index - 1) / 2]) {
            pairs.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func pop() -> Pair? {
        guard let first = pairs.first, let last = pairs.popLast() else { return nil }
        guard !pairs.isEmpty else { return first }
        pairs[0] = last
        var index = 0
        while true {
            var best = index
            for child in [2 * index + 1, 2 * index + 2] where child < pairs.count && pairs[child].isBefore(pairs[best]) { best = child }
            guard best != index else { return first }
            pairs.swapAt(index, best)
            index = best
        }
    }
}
