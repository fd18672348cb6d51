/// Mean and standard deviation of numbers; both 0 of none.
struct Spread: Sendable {
    let count: Int
    let mean: Double
    let deviation: Double

    init(_ values: [Double]) {
        let count = Double(max(values.count, 1)), mean = values.reduce(0, +) / count
        self.count = values.count
        self.mean = mean
        deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    }

    /// That of all numbers together.
    init(pooling spreads: [Spread]) {
        guard spreads.count != 1 else {
            self = spreads[0]
            return
        }
        count = spreads.reduce(0) { $0 + $1.count }
        let all = Double(max(count, 1)), mean = spreads.reduce(0) { $0 + Double($1.count) * $1.mean } / all
        self.mean = mean
        deviation = (spreads.reduce(0) { $0 + Double($1.count) * ($1.deviation * $1.deviation + ($1.mean - mean) * ($1.mean - mean)) } / all).squareRoot()
    }
}
