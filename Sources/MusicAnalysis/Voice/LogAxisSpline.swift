import Glibc

/// A spectrum read at evenly spaced logarithms of the frequency, by a natural cubic spline over the logarithms of its bins.
struct LogAxisSpline: Sendable {
    /// Octaves above 1 Hz of each bin but the lowest, which has none and stands as far below the next as that from the second.
    private let places: [Double]
    /// What solving the spline's equations needs of the places alone.
    private let factors: [Double]
    private let pivots: [Double]
    /// For each point: the bin below it, and how far it is from there to the next.
    private let points: [(bin: Int, fraction: Double, width: Double)]

    init(binCount: Int, binHertz: Double, lowest: Double, step: Double, count: Int) {
        var places = (0 ..< binCount).map { log2(Double(max($0, 1)) * binHertz) }
        places[0] = 2 * places[1] - places[2]
        var (factors, pivots) = ([Double](repeating: 0, count: binCount), [Double](repeating: 1, count: binCount))
        for bin in 1 ..< binCount - 1 {
            factors[bin] = (places[bin] - places[bin - 1]) / (places[bin + 1] - places[bin - 1])
            pivots[bin] = factors[bin] * (bin == 1 ? 0 : (factors[bin - 1] - 1) / pivots[bin - 1]) + 2
        }
        var bin = 0
        points = (0 ..< count).map { index in
            let place = log2(lowest) + Double(index) * step
            while bin < binCount - 2 && places[bin + 1] < place { bin += 1 }
            let width = places[bin + 1] - places[bin]
            return (bin, (place - places[bin]) / width, width)
        }
        (self.places, self.factors, self.pivots) = (places, factors, pivots)
    }

    func values(_ bins: [Float]) -> [Float] {
        let count = bins.count
        var (right, curvature) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for bin in 1 ..< count - 1 {
            let rise = Double(bins[bin + 1] - bins[bin]) / (places[bin + 1] - places[bin]) - Double(bins[bin] - bins[bin - 1]) / (places[bin] - places[bin - 1])
            right[bin] = (6 * rise / (places[bin + 1] - places[bin - 1]) - factors[bin] * right[bin - 1]) / pivots[bin]
        }
        for bin in stride(from: count - 2, through: 1, by: -1) { curvature[bin] = (factors[bin] - 1) / pivots[bin] * curvature[bin + 1] + right[bin] }
        return points.map { bin, fraction, width in
            let (b, a) = (fraction, 1 - fraction)
            let bend = ((a * a * a - a) * curvature[bin] + (b * b * b - b) * curvature[bin + 1]) * width * width / 6
            return Float(a * Double(bins[bin]) + b * Double(bins[bin + 1]) + bend)
        }
    }
}
