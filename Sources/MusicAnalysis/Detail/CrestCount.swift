import NumericKernels

/// Counts the samples near one channel's peak, which is not known before its end: those near the peak so far are counted by their value, and
/// forgotten when a higher one comes.
struct CrestCount: Sendable {
    /// Different values that are told apart; with more of them, those next to each other count as one.
    private static let mostValues = 1 << 16

    private var peak: Float = 0
    /// By the magnitude's bits, without the lowest where there are too many.
    private var counts: [UInt32: Int] = [:]
    private var mask: UInt32 = .max

    mutating func append(_ samples: [Float]) {
        let highest = Reductions.peak(samples)
        if highest > peak {
            peak = highest
            counts = counts.filter { Float(bitPattern: $0.key) >= 0.96 * highest }
        }
        // Few stretches reach so high; the others are not looked at again.
        guard highest > 0, highest >= 0.96 * peak else { return }
        let lower = 0.96 * peak
        for sample in samples where abs(sample) >= lower { counts[abs(sample).bitPattern & mask, default: 0] += 1 }
        while counts.count > Self.mostValues {
            mask <<= 1
            counts = counts.reduce(into: [:]) { $0[$1.key & mask, default: 0] += $1.value }
        }
    }

    /// Cut crests leave many samples near the peak: a sine has 2.4 times as many in the uppermost 2 % as in the next 2 %, music fewer than that.
    func clipping(sampleCount: Int) -> (share: Double, confidence: Double) {
        guard peak > 0.001 else { return (0, 0) }
        let upper = 0.98 * peak
        var (high, next) = (0, 0)
        for (bits, count) in counts { if Float(bitPattern: bits) >= upper { high += count } else { next += count } }
        guard high >= 20 else { return (0, 0) }
        let confidence = min(1, max(0, (Double(high) / Double(max(next, 1)) - 2.5) / 7.5))
        return (confidence > 0 ? Double(high) / Double(sampleCount) : 0, confidence)
    }
}
