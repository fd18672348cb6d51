/// Which of several sizes add up to a target.
package enum SubsetSum {
    /// Positions whose sizes add up to `target`, or to the largest sum below it that can be reached; ascending.
    ///
    /// Equal sizes count as one class of which the first positions are taken, and each class costs one pass over the sums, so that
    /// the work is at most √(2 Σ sizes) · target, and the memory 8 bytes a sum.
    package static func nearestBelow(_ target: Int, sizes: [Int]) -> [Int] {
        guard target > 0 else { return [] }
        let classes = Dictionary(grouping: sizes.indices.filter { sizes[$0] > 0 && sizes[$0] <= target }, by: { sizes[$0] })
            .sorted { $0.key > $1.key }
        // For every sum that can be reached: the class that reached it first, and how many of that class it took.
        let unreached: Int32 = -2
        let start: Int32 = -1
        var reachedBy = [Int32](repeating: unreached, count: target + 1)
        var taken = [Int32](repeating: 0, count: target + 1)
        reachedBy[0] = start

        for (number, (size, positions)) in classes.enumerated() {
            for sum in stride(from: size, through: target, by: 1) where reachedBy[sum] == unreached {
                let before = sum - size
                guard reachedBy[before] != unreached else { continue }
                let already = reachedBy[before] == Int32(number) ? taken[before] : 0
                guard already < positions.count else { continue }
                reachedBy[sum] = Int32(number)
                taken[sum] = already + 1
            }
        }

        var sum = reachedBy.lastIndex { $0 != unreached } ?? 0
        var chosen: [Int] = []
        while sum > 0 {
            let (size, positions) = classes[Int(reachedBy[sum])]
            let count = Int(taken[sum])
            chosen += positions.prefix(count)
            sum -= size * count
        }
        return chosen.sorted()
    }
}
