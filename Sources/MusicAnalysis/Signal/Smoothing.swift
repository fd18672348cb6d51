/// Running means and maxima over a window of `2 · reach + 1` values, cut at the ends.
enum Smoothing {
    static func mean(_ values: [Float], reach: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: values.count + 1)
        for (index, value) in values.enumerated() { sums[index + 1] = sums[index] + Double(value) }
        return values.indices.map { index in
            let (low, high) = (max(0, index - reach), min(values.count, index + reach + 1))
            return Float((sums[high] - sums[low]) / Double(high - low))
        }
    }

    /// Monotone queue: each value enters and leaves once.
    static func maximum(_ values: [Float], reach: Int) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        var queue: [Int] = []
        var head = 0
        var next = 0
        for index in values.indices {
            while next < min(values.count, index + reach + 1) {
                while queue.count > head, values[queue[queue.count - 1]] <= values[next] { queue.removeLast() }
                queue.append(next)
                next += 1
            }
            while queue[head] < index - reach { head += 1 }
            result[index] = values[queue[head]]
        }
        return result
    }

    /// Weights ¼ ½ ¼.
    static func triangle(_ values: [Float]) -> [Float] {
        values.indices.map { index in
            0.5 * values[index] + 0.25 * (values[max(0, index - 1)] + values[min(values.count - 1, index + 1)])
        }
    }
}
