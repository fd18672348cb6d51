import Glibc

/// Harmonics of a voiced frame: their levels against the first, at formants, and how much of the sound they are.
struct Harmonics: Sendable {
    /// dB against the first harmonic, where there is none.
    static let none = -201.0
    private static let count = 100
    private static let leastRatio = 1e-9

    /// dB against the first, `none` where one is not found.
    private var levels: [Double] = []
    private var frequencies: [Double] = []
    private var magnitudes: [Float] = []

    /// - Parameter magnitudes: of the bins.
    init(of pitch: Double, _ spectrum: [Float], binHertz: Double) {
        var lastBin = -1
        for harmonic in 1 ... Self.count {
            let expected = Double(harmonic) * pitch / binHertz
            guard let bin = Self.peak(spectrum, near: expected, reach: 0.5 * pitch / binHertz), Double(bin) * binHertz >= 0.5 * pitch, bin != lastBin else {
                append(level: harmonic == 1 ? 0 : Self.none, frequency: 0, magnitude: 0)
                continue
            }
            lastBin = bin
            let peak = Parabola(spectrum[bin - 1], spectrum[bin], spectrum[bin + 1])
            let level = harmonic == 1 ? 0 : (magnitudes[0] > 0 ? max(-200, 20 * log10(peak.height / Double(magnitudes[0]))) : Self.none)
            append(level: level, frequency: (Double(bin) + peak.offset) * binHertz, magnitude: spectrum[bin])
        }
    }

    private mutating func append(level: Double, frequency: Double, magnitude: Float) {
        levels.append(level)
        frequencies.append(frequency)
        magnitudes.append(magnitude)
    }

    /// What eGeMAPS calls H1: openSMILE counts the harmonics above the fundamental.
    var first: Double { levels[1] }
    /// H1 over H2, dB.
    var firstOverSecond: Double { levels[1] - levels[2] }

    /// Level of the strongest harmonic within a fifth of a formant's frequency, dB against the first; nil where there is none.
    func level(at formant: Double) -> Double? {
        let near = frequencies.indices.filter { abs(frequencies[$0] - formant) <= 0.2 * formant && magnitudes[$0] > 0 }
        return near.max { magnitudes[$0] < magnitudes[$1] }.map { levels[$0] }
    }

    /// Harmonics over noise, dB, from the peak of the autocorrelation at the period.
    static func overNoise(_ autocorrelation: [Float], period: Double) -> Double {
        guard autocorrelation.count > 2, autocorrelation[0] > 0, let lag = closestPeak(autocorrelation.map(abs), to: Int(period)) else { return 0 }
        let (all, harmonic) = (Double(autocorrelation[0]), Double(abs(autocorrelation[lag])))
        return 10 * log10(min(1 / leastRatio, max(leastRatio, harmonic / max(all - harmonic, 1e-300))))
    }

    private static func closestPeak(_ values: [Float], to index: Int) -> Int? {
        (0 ..< values.count).lazy.compactMap { distance in
            [index - distance, index + distance].first { $0 > 0 && $0 < values.count - 1 && values[$0] > values[$0 - 1] && values[$0] > values[$0 + 1] }
        }.first
    }

    private static func peak(_ spectrum: [Float], near place: Double, reach: Double) -> Int? {
        func isPeak(_ bin: Int) -> Bool { bin > 0 && bin < spectrum.count - 1 && spectrum[bin] > spectrum[bin - 1] && spectrum[bin] > spectrum[bin + 1] }
        let centre = Int(place.rounded())
        guard centre < spectrum.count - 1 else { return nil }
        if isPeak(centre) { return centre }
        let (lowest, highest) = (Int((place - reach).rounded()), Int((place + reach).rounded()))
        var distance = 1
        while centre + distance <= highest || centre - distance >= lowest {
            if centre + distance <= highest, isPeak(centre + distance) { return centre + distance }
            if centre - distance >= lowest, isPeak(centre - distance) { return centre - distance }
            distance += 1
        }
        return nil
    }
}
