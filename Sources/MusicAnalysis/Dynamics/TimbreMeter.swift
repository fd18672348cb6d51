import Glibc
import NumericKernels

/// What the spectrum looks like on average, below 11 kHz: loud frames count more.
struct TimbreMeter: Sendable {
    struct Timbre: Sendable {
        /// Centre of gravity of the magnitudes, Hz.
        var centroid: Double
        /// Frequency below which 85 % of the power lies, Hz.
        var rolloff: Double
        /// Geometric over arithmetic mean of the power, 0…1.
        var flatness: Double
        /// Share of the power below 150 Hz.
        var lowShare: Double
        /// How much sound it was read from.
        var weight: Double
    }

    private static let frameLength = 2_048

    /// Nil for silence.
    func measure(_ signal: AnalysisSignal) -> Timbre? {
        guard !signal.isSilent else { return nil }
        let rate = Double(AnalysisSignal.sampleRate)
        let spectrum = ShortTimeSpectrum(frameLength: Self.frameLength, hop: rate / 10)
        let hertz = rate / Double(Self.frameLength)
        var sums = (centroid: 0.0, rolloff: 0.0, flatness: 0.0, low: 0.0, weight: 0.0)
        spectrum.forEachBatch(of: signal.channels) { batch in
            for lane in 0 ..< batch.frameCount {
                let power = batch.power.map { $0[lane] }
                let total = Double(Reductions.sum(power))
                guard total > 1e-9 else { continue }
                let frame = Self.describe(power, total: total, hertz: hertz)
                let weight = total.squareRoot()
                sums.centroid += weight * frame.centroid
                sums.rolloff += weight * frame.rolloff
                sums.flatness += weight * frame.flatness
                sums.low += weight * frame.lowShare
                sums.weight += weight
            }
        }
        guard sums.weight > 0 else { return nil }
        return Timbre(centroid: sums.centroid / sums.weight, rolloff: sums.rolloff / sums.weight,
                      flatness: sums.flatness / sums.weight, lowShare: sums.low / sums.weight, weight: sums.weight)
    }

    private static func describe(_ power: [Float], total: Double, hertz: Double) -> Timbre {
        var (moment, magnitudes, low, running) = (0.0, 0.0, 0.0, 0.0)
        var rolloff = 0.0
        // The logarithm of a product for the sum of logarithms: sixteen factors of 1e-12 and more stay far above the least double.
        var (logs, product) = (0.0, 1.0)
        for (bin, value) in power.enumerated() {
            let magnitude = Double(value.squareRoot())
            moment += magnitude * Double(bin)
            magnitudes += magnitude
            product *= Double(value + 1e-12)
            if bin % 16 == 15 {
                logs += log(product)
                product = 1
            }
            if Double(bin) * hertz < 150 { low += Double(value) }
            if running < 0.85 * total { rolloff = Double(bin) * hertz }
            running += Double(value)
        }
        let geometric = exp((logs + log(product)) / Double(power.count))
        return Timbre(centroid: moment / max(magnitudes, 1e-12) * hertz, rolloff: rolloff,
                      flatness: min(1, geometric / (total / Double(power.count))), lowShare: low / total, weight: 1)
    }
}
