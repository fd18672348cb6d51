/// The connected patches of a marked area.
struct Patches: Sequence {
    struct Patch {
        /// Samples.
        var count = 0
        var left: Int
        var right: Int
        var top: Int
        var bottom: Int

        var width: Int { right - left + 1 }
        var height: Int { bottom - top + 1 }
    }

    private let patches: [Patch]

    /// - Parameters:
    ///   - marked: row-major.
    ///   - bridging: samples of a row that may lie unmarked within a patch.
    init(_ marked: [Bool], width: Int, bridging: Int = 0) {
        var left = marked, stack: [Int] = [], patches: [Patch] = []
        for start in left.indices where left[start] {
            left[start] = false
            stack.append(start)
            var patch = Patch(left: start % width, right: start % width, top: start / width, bottom: start / width)
            while let index = stack.popLast() {
                let x = index % width, y = index / width
                patch.count += 1
                patch.left = Swift.min(patch.left, x)
                patch.right = Swift.max(patch.right, x)
                patch.top = Swift.min(patch.top, y)
                patch.bottom = Swift.max(patch.bottom, y)
                func visit(_ neighbour: Int) {
                    guard left[neighbour] else { return }
                    left[neighbour] = false
                    stack.append(neighbour)
                }
                for step in 1...bridging + 1 {
                    if x >= step { visit(index - step) }
                    if x + step < width { visit(index + step) }
                }
                if index >= width { visit(index - width) }
                if index + width < left.count { visit(index + width) }
            }
            patches.append(patch)
        }
        self.patches = patches
    }

    func makeIterator() -> IndexingIterator<[Patch]> { patches.makeIterator() }
}
