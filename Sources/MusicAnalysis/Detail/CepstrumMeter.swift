import Glibc
import NumericKernels

/// Mean and deviation of the mel-frequency cepstral coefficients; see ``MusicFeatures/Cepstrum``.
struct CepstrumMeter: Sendable {
    private static let frameLength = 2_048
    private static let framesPerSecond = 5.0
    private static let bandCount = 40
    private static let coefficientCount = 13
    private static let lowest = 20.0
    /// A frame's power below this share of the strongest frame's is silence.
    private static let leastShare: Float = 1e-6
    /// bands × coefficients, row by row.
    private static let cosines: [Float] = (0 ..< bandCount).flatMap { band in
        (0 ..< coefficientCount).map { order in
            let scale = ((order == 0 ? 1.0 : 2.0) / Double(bandCount)).squareRoot()
            return Float(scale * cos(Double.pi * Double(order) * (Double(band) + 0.5) / Double(bandCount)))
        }
    }

    /// One a coefficient; none for silence.
    func measure(_ signal: AnalysisSignal) -> [Spread] {
        let spectrum = ShortTimeSpectrum(frameLength: Self.frameLength, hop: Double(AnalysisSignal.sampleRate) / Self.framesPerSecond)
        let bands = Self.melBands(binCount: spectrum.binCount)
        var frames: [(power: Float, coefficients: [Float])] = []
        spectrum.forEachBatch(of: signal.channels) { batch in
            let values = bands.apply(to: batch.power)
            for lane in 0 ..< batch.frameCount {
                var coefficients = [Float](repeating: 0, count: Self.coefficientCount)
                var power: Float = 0
                for (band, value) in values.enumerated() {
                    power += value[lane]
                    let level = log(value[lane] + 1e-10)
                    for order in coefficients.indices { coefficients[order] += level * Self.cosines[band * Self.coefficientCount + order] }
                }
                frames.append((power, coefficients))
            }
        }
        let least = (frames.map(\.power).max() ?? 0) * Self.leastShare
        let heard = frames.filter { $0.power > least }.map(\.coefficients)
        return heard.isEmpty ? [] : (0 ..< Self.coefficientCount).map { order in Spread(heard.map { Double($0[order]) }) }
    }

    private static func melBands(binCount: Int) -> FrequencyBands {
        func mel(_ hertz: Double) -> Double { 2_595 * log10(1 + hertz / 700) }
        func bin(_ mel: Double) -> Double { 700 * (pow(10, mel / 2_595) - 1) * Double(frameLength) / Double(AnalysisSignal.sampleRate) }
        let (low, high) = (mel(lowest), mel(Double(AnalysisSignal.sampleRate) / 2))
        let edges = (0 ... bandCount + 1).map { bin(low + (high - low) * Double($0) / Double(bandCount + 1)) }
        return FrequencyBands(triangles: (1 ... bandCount).map { (low: edges[$0 - 1], centre: edges[$0], high: edges[$0 + 1]) }, binCount: binCount)
    }
}
