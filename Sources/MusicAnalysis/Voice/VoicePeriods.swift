import Glibc

/// Follows a voice from period to period, each where the waveform is most like the one before: jitter and shimmer.
struct VoicePeriods: Sendable {
    struct Values: Sendable {
        /// Mean change of the period from one to the next, of the mean period.
        var jitter = 0.0
        /// The same of the peak-to-peak amplitude, dB.
        var shimmer = 0.0
    }

    /// How far a period may be from the pitch.
    private static let reach = 0.1
    private static let leastCorrelation = 0.5

    private let sampleRate: Double
    /// Where the next period begins, and the last one's length in samples, if it was voiced.
    private var position = 0
    private var lastPeriod: Double?
    private var last = Values()

    init(sampleRate: Int) { self.sampleRate = Double(sampleRate) }

    /// - Parameters:
    ///   - samples: those from `origin` on.
    ///   - frame: first sample of the frame, and those to the next one.
    mutating func values(_ samples: [Float], origin: Int, frame: Int, hop: Int, pitch: Double) -> Values {
        let end = frame + hop
        guard pitch > 0 else {
            (position, lastPeriod, last) = (end, nil, Values())
            return Values()
        }
        let period = sampleRate / pitch
        let (shortest, longest) = (Int((1 - Self.reach) * period), Int(((1 + Self.reach) * period).rounded(.up)))
        // The pitch may have changed since the last frame; periods are followed from there, but no further back than two of them.
        position = max(position, frame - 2 * longest)
        var (changes, periods, amplitudes, differences) = ([Double](), [Double](), 0.0, 0.0)
        let readable = min(samples.count, max(end, position + 2 * longest + 2) - origin)
        var start = position - origin
        while start >= 0, start + 2 * longest + 1 < samples.count, start + 2 * longest + 1 < max(readable, hop) {
            guard let match = Self.match(samples, at: start, shortest, longest) else {
                start += Int(period.rounded())
                continue
            }
            let lag = Int(match.lag.rounded())
            if match.correlation > Self.leastCorrelation {
                periods.append(match.lag)
                if let lastPeriod { changes.append(abs(match.lag - lastPeriod)) }
                lastPeriod = match.lag
                let (a, b) = (Self.height(samples, start, lag), Self.height(samples, start + lag, lag))
                amplitudes += (a + b) / 2
                differences += abs(a - b)
            }
            start += lag
        }
        position = min(max(start + origin, position), end)
        if !periods.isEmpty {
            if !changes.isEmpty { last.jitter = min(1, changes.reduce(0, +) / Double(changes.count) / (periods.reduce(0, +) / Double(periods.count))) }
            last.shimmer = amplitudes > 0 ? 20 * log10(1 + min(1, differences / amplitudes)) : 0
        }
        return last
    }

    /// The lag at which what follows is most like what is there; nil without a peak.
    private static func match(_ samples: [Float], at start: Int, _ shortest: Int, _ longest: Int) -> (lag: Double, correlation: Double)? {
        guard shortest > 2 else { return nil }
        let correlations = (shortest ... longest).map { correlation(samples, start, $0) }
        let peaks = correlations.indices.dropFirst().dropLast().filter { correlations[$0 - 1] < correlations[$0] && correlations[$0] > correlations[$0 + 1] }
        guard let best = peaks.max(by: { correlations[$0] < correlations[$1] }) else { return nil }
        let peak = Parabola(correlations[best - 1], correlations[best], correlations[best + 1])
        return (Double(shortest + best) + peak.offset, peak.height)
    }

    /// Pearson's, of two neighbouring stretches.
    private static func correlation(_ samples: [Float], _ start: Int, _ length: Int) -> Float {
        samples.withUnsafeBufferPointer { samples in
            var (x, y, xx, yy, xy) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
            // Invariant: the caller has seen that start + 2 · longest + 1 samples are there. What is left of a stretch after whole vectors is not compared.
            for offset in stride(from: 0, to: length - 7, by: 8) {
                let base = UnsafeRawPointer(samples.baseAddress!)
                let a = base.loadUnaligned(fromByteOffset: 4 * (start + offset), as: SIMD8<Float>.self)
                let b = base.loadUnaligned(fromByteOffset: 4 * (start + length + offset), as: SIMD8<Float>.self)
                x += a
                y += b
                xx += a * a
                yy += b * b
                xy += a * b
            }
            let count = Float(max(8, length / 8 * 8))
            let covariance = xy.sum() - x.sum() * y.sum() / count
            let norm = max(0, xx.sum() - x.sum() * x.sum() / count) * max(0, yy.sum() - y.sum() * y.sum() / count)
            return norm > 0 ? covariance / norm.squareRoot() : 0
        }
    }

    private static func height(_ samples: [Float], _ start: Int, _ length: Int) -> Double {
        let stretch = samples[max(0, start) ..< min(samples.count, start + length)]
        return Double((stretch.max() ?? 0) - (stretch.min() ?? 0))
    }
}
