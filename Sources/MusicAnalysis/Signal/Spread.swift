/// Mean and standard deviation of numbers; both 0 of none.
struct Spread: Sendable {
    let mean: Double
    let deviation: Double

    init(_ values: [Double]) {
        let count = Double(max(values.count, 1)), mean = values.reduce(0, +) / count
        self.mean = mean
        deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    }
}
