/// A bank of overlapping bands over the bins of a spectrum, each a short run of weights.
public struct FrequencyBands: Sendable {
    private struct Band: Sendable {
        var firstBin: Int
        var weights: [Float]
    }

    private var bands: [Band]
    public var count: Int { bands.count }

    /// Triangular bands given by their edges in bins (`low < centre < high`, fractional), each with unit sum.
    /// A band that falls between two bins takes them by linear interpolation.
    public init(triangles: [(low: Double, centre: Double, high: Double)], binCount: Int) {
        bands = triangles.map { low, centre, high in
            let first = max(0, min(binCount - 1, Int(low.rounded(.down))))
            let last = max(first, min(binCount - 1, Int(high.rounded(.up))))
            var weights = (first ... last).map { bin -> Double in
                let x = Double(bin)
                if x <= centre { return max(0, (x - low) / max(centre - low, 1e-9)) }
                return max(0, (high - x) / max(high - centre, 1e-9))
            }
            var sum = weights.reduce(0, +)
            if sum < 1e-9 {
                weights = (first ... last).map { max(0, 1 - abs(Double($0) - centre)) }
                sum = max(weights.reduce(0, +), 1e-9)
            }
            return Band(firstBin: first, weights: weights.map { Float($0 / sum) })
        }
    }

    /// The bands' weighted sums of eight spectra at once; `count` values.
    public func apply(to spectrum: [SIMD8<Float>]) -> [SIMD8<Float>] {
        bands.map { band in
            var sum = SIMD8<Float>.zero
            for (offset, weight) in band.weights.enumerated() { sum += spectrum[band.firstBin + offset] * weight }
            return sum
        }
    }
}
