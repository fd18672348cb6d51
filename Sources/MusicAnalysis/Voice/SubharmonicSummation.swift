import Glibc

/// Candidates for the fundamental frequency: the spectrum on a logarithmic axis, its compressed copies at each harmonic added up (Hermes, JASA 1988).
struct SubharmonicSummation: Sendable {
    struct Candidate: Sendable {
        /// Hz.
        var frequency: Double
        /// 0…1: how far the peak stands above the mean.
        var voicing: Double
    }

    static let candidateCount = 6
    private static let lowest = 25.0
    private static let harmonics = 15
    private static let compression: Float = 0.85
    /// Hz of what is taken for a pitch.
    private static let range = 55.0 ... 1_000

    private let count: Int
    private let pointsPerOctave: Double
    private let step: Double
    /// How the ear weighs each point.
    private let weights: [Float]
    private let spline: LogAxisSpline

    init(binCount: Int, binHertz: Double) {
        count = binCount
        let highest = binHertz * Double(binCount - 1)
        let octaves = log2(highest / Self.lowest)
        let perOctave = Double(count) / octaves
        pointsPerOctave = perOctave
        step = octaves / Double(count - 1)
        let bend = perOctave * log2(65.0 / 50) - 1
        weights = (0 ..< count).map { Float(0.5 + atan(3 * (Double($0 + 1) - bend) / perOctave) / Double.pi) }
        spline = LogAxisSpline(binCount: binCount, binHertz: binHertz, lowest: Self.lowest, step: octaves / Double(count - 1), count: count)
    }

    /// The strongest first, at most six.
    func candidates(_ magnitudes: [Float]) -> [Candidate] {
        var points = spline.values(Self.smoothed(Self.peaksOnly(magnitudes)))
        for index in points.indices { points[index] = points[index] > 0 ? points[index] * weights[index] : 0 }
        let sums = summed(points)
        let mean = Double(sums.reduce(0, +)) / Double(count)
        var peaks: [(index: Int, value: Float)] = []
        for index in 1 ..< count - 1 where sums[index - 1] < sums[index] && sums[index] > sums[index + 1] {
            guard peaks.count < Self.candidateCount || sums[index] > peaks[peaks.count - 1].value else { continue }
            peaks.insert((index, sums[index]), at: peaks.firstIndex { $0.value < sums[index] } ?? peaks.count)
            if peaks.count > Self.candidateCount { peaks.removeLast() }
        }
        return peaks.compactMap { index, _ in
            let peak = Parabola(sums[index - 1], sums[index], sums[index + 1])
            let frequency = Self.lowest * pow(2, (Double(index) + peak.offset) * step)
            guard Self.range.contains(frequency) else { return nil }
            return Candidate(frequency: frequency, voicing: peak.height > mean ? 1 - mean / peak.height : 0)
        }
    }

    private func summed(_ points: [Float]) -> [Float] {
        var sums = points
        var scale: Float = 1
        for harmonic in 2 ... Self.harmonics {
            scale *= Self.compression
            let shift = Int(pointsPerOctave * log2(Double(harmonic)))
            guard shift < count else { break }
            points.withUnsafeBufferPointer { points in
                sums.withUnsafeMutableBufferPointer { sums in
                    // Invariant: index + shift < count, which both have.
                    for index in 0 ..< count - shift { sums[index] += scale * points[index + shift] }
                }
            }
        }
        return sums.map { max(0, $0 / Float(Self.harmonics)) }
    }

    /// Nothing but what is within two bins of a peak.
    private static func peaksOnly(_ magnitudes: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: magnitudes.count)
        for bin in 1 ..< magnitudes.count - 1 where magnitudes[bin] > magnitudes[bin - 1] && magnitudes[bin] > magnitudes[bin + 1] {
            for near in max(0, bin - 2) ... min(magnitudes.count - 1, bin + 2) { result[near] = magnitudes[near] }
        }
        return result
    }

    private static func smoothed(_ values: [Float]) -> [Float] { Smoothing.triangle(values) }
}

/// The parabola through three neighbours.
struct Parabola: Sendable {
    /// Of the vertex from the middle one, and its height.
    let offset: Double
    let height: Double

    init(_ before: Float, _ middle: Float, _ after: Float) {
        let (a, b, c) = (Double(before), Double(middle), Double(after))
        let curvature = a - 2 * b + c
        offset = curvature == 0 ? 0 : 0.5 * (a - c) / curvature
        height = b - 0.25 * (a - c) * offset
    }
}
