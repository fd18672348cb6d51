import Glibc

/// The two filters of BS.1770 for two channels side by side: the head's high shelf and the RLB high pass, for any sample rate.
struct KWeighting {
    private struct Biquad {
        var b0, b1, b2, a1, a2: Double
        var z1 = SIMD2<Double>.zero
        var z2 = SIMD2<Double>.zero

        /// Direct form II transposed. What needs the output comes last: the next sample waits for it.
        @inline(__always)
        mutating func callAsFunction(_ x: SIMD2<Double>) -> SIMD2<Double> {
            let y = b0 * x + z1
            z1 = (b1 * x + z2) - a1 * y
            z2 = b2 * x - a2 * y
            return y
        }
    }

    private var shelf: Biquad
    private var highPass: Biquad

    /// Coefficients as libebur128 and De Man (2014) derive them from the standard's 48-kHz ones.
    init(sampleRate: Double) {
        let (f0, gain, q) = (1681.974450955533, 3.999843853973347, 0.7071752369554196)
        var k = tan(Double.pi * min(f0 / sampleRate, 0.49))
        let vh = pow(10, gain / 20)
        let vb = pow(vh, 0.4996667741545416)
        var a0 = 1 + k / q + k * k
        shelf = Biquad(b0: (vh + vb * k / q + k * k) / a0, b1: 2 * (k * k - vh) / a0, b2: (vh - vb * k / q + k * k) / a0,
                       a1: 2 * (k * k - 1) / a0, a2: (1 - k / q + k * k) / a0)
        let (f1, q1) = (38.13547087602444, 0.5003270373238773)
        k = tan(Double.pi * f1 / sampleRate)
        a0 = 1 + k / q1 + k * k
        highPass = Biquad(b0: 1, b1: -2, b2: 1, a1: 2 * (k * k - 1) / a0, a2: (1 - k / q1 + k * k) / a0)
    }

    /// Σ y² of each of two channels over a range of samples.
    mutating func energy(of left: [Float], _ right: [Float], in range: Range<Int>) -> SIMD2<Double> {
        precondition(range.lowerBound >= 0 && range.upperBound <= min(left.count, right.count), "samples that both channels have")
        var sum = SIMD2<Double>.zero
        // Copies stay in registers; fields of self would be stored for every sample.
        var (first, second) = (shelf, highPass)
        for index in range {
            let y = second(first(SIMD2(Double(left[index]), Double(right[index]))))
            sum += y * y
        }
        (shelf, highPass) = (first, second)
        return sum
    }
}
