import Glibc

/// Changes a sample rate exactly as torchaudio's `resample` does by default (`sinc_interp_hann`, `lowpass_filter_width` 6, `rolloff` 0.99): models that were trained behind
/// that filter hear the same signal.
///
/// Each output sample is the sum of some dozen input samples, wherever it stands: any part of the output costs only itself. The filter's coefficients are worked out in double
/// precision and rounded to single.
public struct SincResampler: Sendable {
    public let inputRate: Int
    public let outputRate: Int
    /// Rates in Hz that can be resampled from and to; what lies beyond is no music, and would need long tables.
    public static let rates = 1_000 ... 768_000

    /// Zero crossings of the sinc on each side.
    private static let halfWidth = 6.0
    /// Of the lower Nyquist frequency, where the filter cuts.
    private static let rolloff = 0.99

    /// Output sample j stands in block j / `phases`, each of which begins `step` input samples after the one before.
    private let phases: Int
    private let step: Int
    private let taps: Int
    /// `phases × taps`, oldest sample first.
    private let coefficients: [Float]
    /// A phase's first sample, from the start of its block.
    private let firstSamples: [Int]

    /// - Parameters: rates in Hz, within ``rates``.
    public init(from inputRate: Int, to outputRate: Int) {
        precondition(Self.rates.contains(inputRate) && Self.rates.contains(outputRate), "sample rates are from \(Self.rates.lowerBound) to \(Self.rates.upperBound) Hz")
        self.inputRate = inputRate
        self.outputRate = outputRate
        let divisor = Self.greatestCommonDivisor(inputRate, outputRate)
        let (step, phases) = (inputRate / divisor, outputRate / divisor)
        (self.step, self.phases) = (step, phases)
        guard step != phases else {
            (taps, coefficients, firstSamples) = (0, [], [])
            return
        }
        let base = Double(min(step, phases)) * Self.rolloff
        let width = Int((Self.halfWidth * Double(step) / base).rounded(.up))
        // Whole vectors of them; what is left over is 0.
        let taps = (Int(2 * Self.halfWidth * Double(step) / base) + 2 + 7) & ~7
        var coefficients = [Float](repeating: 0, count: phases * taps)
        var firstSamples = [Int](repeating: 0, count: phases)
        for phase in 0 ..< phases {
            // The quotient of two whole numbers has single precision there.
            let delay = Double(-(Float(phase) / Float(phases)))
            // In zero crossings, from the filter's middle.
            func distance(_ sample: Int) -> Double { (delay + Double(sample) / Double(step)) * base }
            // The first sample less than six crossings away, which rounding may have put one beside where it is looked for.
            var first = max(-width, Int((Double(step) * (-Self.halfWidth / base - delay)).rounded(.down)) - 1)
            while distance(first) <= -Self.halfWidth { first += 1 }
            firstSamples[phase] = first
            for tap in 0 ..< taps where first + tap < width + step {
                let t = distance(first + tap)
                guard t < Self.halfWidth else { break }
                let window = cos(t * .pi / Self.halfWidth / 2)
                let sinc = t == 0 ? 1 : sin(t * .pi) / (t * .pi)
                coefficients[phase * taps + tap] = Float(sinc * (window * window) * (base / Double(step)))
            }
        }
        (self.taps, self.coefficients, self.firstSamples) = (taps, coefficients, firstSamples)
    }

    /// Samples out for `count` samples in.
    public func outputCount(inputCount count: Int) -> Int { (max(0, count) * phases + step - 1) / step }

    /// The whole signal at the output rate.
    public func resample(_ signal: [Float]) -> [Float] { resample(signal, outputs: 0 ..< outputCount(inputCount: signal.count)) }

    /// A part of the signal at the output rate: sample i of all is the signal at time i / `outputRate`. There is silence before and after the signal.
    public func resample(_ signal: [Float], outputs: Range<Int>) -> [Float] {
        precondition(outputs.lowerBound >= 0 && outputs.upperBound <= outputCount(inputCount: signal.count), "the output has \(outputCount(inputCount: signal.count)) samples")
        guard step != phases else { return Array(signal[outputs]) }
        return [Float](unsafeUninitializedCapacity: outputs.count) { result, initialized in
            signal.withUnsafeBufferPointer { signal in
                coefficients.withUnsafeBufferPointer { coefficients in
                    var (block, phase) = outputs.lowerBound.quotientAndRemainder(dividingBy: phases)
                    for index in 0 ..< outputs.count {
                        let first = block * step + firstSamples[phase]
                        var sum: Float = 0
                        if first >= 0 && first + taps <= signal.count {
                            // Invariant: `taps`, a multiple of 8, samples from `first` on are inside the signal, as many coefficients from phase × taps on inside the table.
                            let samples = UnsafeRawPointer(signal.baseAddress! + first), weights = UnsafeRawPointer(coefficients.baseAddress! + phase * taps)
                            var lanes = SIMD8<Float>.zero
                            for byte in stride(from: 0, to: taps * 4, by: 32) {
                                lanes += samples.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self) * weights.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self)
                            }
                            sum = lanes.sum()
                        } else {
                            let heard = max(0, -first) ..< max(max(0, -first), min(taps, signal.count - first))
                            for tap in heard { sum += signal[first + tap] * coefficients[phase * taps + tap] }
                        }
                        result[index] = sum
                        phase += 1
                        if phase == phases { (block, phase) = (block + 1, 0) }
                    }
                }
            }
            initialized = outputs.count
        }
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
}
