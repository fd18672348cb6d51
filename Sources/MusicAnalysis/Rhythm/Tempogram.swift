import NumericKernels

/// Periodicity of the beat activation: its autocorrelation, through the power spectrum.
struct Tempogram: Sendable {
    static let slowest = 40.0
    static let fastest = 240.0
    /// Autocorrelation by lag in frames, 1 at lag 0.
    let autocorrelation: [Float]
    private let frameRate: Double

    init(_ activation: [Float], frameRate: Double) {
        self.frameRate = frameRate
        let longestLag = Int(4 * 60 / Self.slowest * frameRate) + 2
        let mean = Reductions.mean(activation)
        let centred = activation.map { $0 - mean }
        let power = Reductions.sumOfSquares(centred)
        guard power > 0 else {
            autocorrelation = [Float](repeating: 0, count: longestLag)
            return
        }
        autocorrelation = (0 ..< longestLag).map { lag in
            guard lag < centred.count else { return 0 }
            let product = Reductions.dot(Array(centred[lag...]), Array(centred[..<(centred.count - lag)]))
            // Unbiased: fewer products at long lags, though at most three times weighted up.
            return product / power * Float(centred.count) / Float(max(centred.count - lag, centred.count / 3))
        }
    }

    /// How strongly the activation repeats with a period in frames: its autocorrelation there and at its multiples.
    func salience(period: Double) -> Float {
        var sum: Float = 0
        for (multiple, weight) in [(1.0, Float(1)), (2, 0.8), (3, 0.5), (4, 0.6)] { sum += weight * value(period * multiple) }
        return sum / 2.9
    }

    /// Largest autocorrelation within 1½ frames of a lag.
    func value(_ lag: Double) -> Float {
        let centre = Int(lag.rounded())
        var best: Float = -1
        for index in max(1, centre - 1) ... max(1, centre + 1) { best = max(best, autocorrelation[safe: index] ?? 0) }
        return best
    }

    /// Periods in frames at the peaks of the salience, the strongest first, at most `count`.
    func peaks(count: Int) -> [Double] {
        var periods: [Double] = []
        var period = 60 / Self.fastest * frameRate
        while period <= 60 / Self.slowest * frameRate {
            periods.append(period)
            period *= 1.01
        }
        let salience = periods.map(salience)
        let peaks = periods.indices.filter { index in
            let around = salience[max(0, index - 4) ... min(salience.count - 1, index + 4)]
            return salience[index] >= around.max() ?? 0
        }
        return peaks.sorted { salience[$0] > salience[$1] }.prefix(count).map { periods[$0] }
    }
}
