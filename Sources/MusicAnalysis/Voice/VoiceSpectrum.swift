import Glibc

/// What a frame's spectrum of 20 ms says of it: loudness, balance, slope, envelope.
struct VoiceSpectrum: Sendable {
    struct Values: Sendable {
        var loudness = 0.0
        /// dB.
        var alphaRatio = 0.0
        var hammarbergIndex = 0.0
        /// dB a Hz.
        var lowSlope = 0.0
        var middleSlope = 0.0
        var flux = 0.0
        /// The first four coefficients.
        var cepstrum = [0.0, 0, 0, 0]
    }

    private static let bandCount = 26
    private static let melRange = (low: 20.0, high: 8_000.0)
    /// What openSMILE's scale makes of samples of ±1: the constant of its equal-loudness curve, fitted to its output.
    private static let loudnessScale = 5.4692e7
    private static let full = 32_767.0
    private static let powerFloor = 1e-10
    private static let fluxLimit = 5_000.0

    private let binHertz: Double
    private let binCount: Int
    /// For each band its first bin and the weights from there.
    private let bands: [(first: Int, weights: [Float])]
    private let ear: [Double]
    private let cosines: [[Double]]
    private var previous: [Float] = []

    init(binCount: Int, binHertz: Double) {
        (self.binCount, self.binHertz) = (binCount, binHertz)
        func mel(_ hertz: Double) -> Double { 1_127 * log(1 + hertz / 700) }
        let (low, high) = (mel(Self.melRange.low), mel(min(Self.melRange.high, binHertz * Double(binCount - 1))))
        let edges = (0 ... Self.bandCount + 1).map { low + (high - low) * Double($0) / Double(Self.bandCount + 1) }
        bands = (0 ..< Self.bandCount).map { band in
            let weights = (0 ..< binCount).map { bin -> Float in
                let place = mel(Double(bin) * binHertz)
                return Float(max(0, min((place - edges[band]) / (edges[band + 1] - edges[band]), (edges[band + 2] - place) / (edges[band + 2] - edges[band + 1]))))
            }
            let first = weights.firstIndex { $0 > 0 } ?? 0
            return (first, Array(weights[first ... max(first, weights.lastIndex { $0 > 0 } ?? first)]))
        }
        ear = (1 ... Self.bandCount).map { Self.equalLoudness(700 * (exp(edges[$0] / 1_127) - 1)) }
        cosines = (1 ... 4).map { order in
            let lifter = 1 + 11 * sin(Double.pi * Double(order) / 22)
            return (0 ..< Self.bandCount).map { lifter * (2 / Double(Self.bandCount)).squareRoot() * cos(Double.pi * Double(order) * (Double($0) + 0.5) / Double(Self.bandCount)) }
        }
    }

    /// Hermansky's equal-loudness curve (JASA 1990) with its fall above 5 kHz.
    private static func equalLoudness(_ hertz: Double) -> Double {
        let square = (2 * Double.pi * hertz) * (2 * Double.pi * hertz)
        let bend = square + 6.3e6
        return (square + 56.8e6) * square * square / (bend * bend * (square + 0.38e9) * (square * square * square + 9.58e26))
    }

    mutating func values(_ magnitudes: [Float]) -> Values {
        let powers = magnitudes.map { $0 * $0 }
        let energies = bands.map { band in
            var sum = 0.0
            for (offset, weight) in band.weights.enumerated() { sum += Double(weight * powers[band.first + offset]) }
            return sum
        }
        var values = Values()
        values.loudness = Self.loudnessScale * zip(energies, ear).reduce(0) { $0 + pow($1.0 * $1.1, 0.33) }
        let logs = energies.map { log(max($0 * Self.full * Self.full, 1e-8)) }
        values.cepstrum = cosines.map { row in zip(row, logs).reduce(0) { $0 + $1.0 * $1.1 } }
        balance(powers, &values)
        values.lowSlope = slope(powers, from: 0, to: 500)
        values.middleSlope = slope(powers, from: 500, to: 1_500)
        let limit = min(binCount, Int(Self.fluxLimit / binHertz) + 1)
        if !previous.isEmpty {
            var sum = 0.0
            for bin in 0 ..< limit {
                let change = Double(magnitudes[bin] - previous[bin])
                sum += change * change
            }
            values.flux = (sum / Double(limit)).squareRoot()
        }
        previous = magnitudes
        return values
    }

    /// Powers of 1–5 kHz over those below, and the highest peak below 2 kHz over that of 2–5 kHz.
    private func balance(_ powers: [Float], _ values: inout Values) {
        var (low, high, lowPeak, highPeak) = (0.0, 0.0, 0.0, 0.0)
        for (bin, power) in powers.enumerated() {
            let hertz = Double(bin) * binHertz
            guard hertz <= 5_000 else { break }
            if hertz < 1_000 { low += Double(power) } else { high += Double(power) }
            if hertz < 2_000 { lowPeak = max(lowPeak, Double(power)) } else { highPeak = max(highPeak, Double(power)) }
        }
        if low > 0 { values.alphaRatio = 10 * log10(max(high, Self.powerFloor) / low) }
        if highPeak > 0 { values.hammarbergIndex = 10 * log10(max(lowPeak, Self.powerFloor) / highPeak) }
    }

    /// Slope of the line through the levels of a band, where a bin at its edge counts as far as it lies inside, and as many bins as there are steps.
    private func slope(_ powers: [Float], from low: Double, to high: Double) -> Double {
        let (first, last) = (Int(low / binHertz), min(Int(high / binHertz), binCount - 1))
        func weight(_ share: Double) -> Double { share <= 0 ? 1 : share }
        var (x, xx, xy, y) = (0.0, 0.0, 0.0, 0.0)
        for bin in first ... last {
            let share = bin == first ? weight(Double(first + 1) - low / binHertz) : bin == last ? weight(high / binHertz - Double(last)) : 1
            let (hertz, level) = (Double(bin) * binHertz * share, 10 * log10(max(Double(powers[bin]), Self.powerFloor)))
            x += hertz
            xx += hertz * hertz
            xy += hertz * level
            y += share * level
        }
        let steps = Double(last - first), spread = steps * xx - x * x
        return spread != 0 ? (steps * xy - x * y) / spread : 0
    }
}
