import Glibc

/// The two filters of BS.1770 for one channel: the head's high shelf and the RLB high pass, for any sample rate.
struct KWeighting {
    private struct Biquad {
        var b0, b1, b2, a1, a2: Double
        var z1 = 0.0
        var z2 = 0.0

        /// Direct form II transposed.
        mutating func callAsFunction(_ x: Double) -> Double {
            let y = b0 * x + z1
            z1 = b1 * x - a1 * y + z2
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

    mutating func energy(of samples: ArraySlice<Float>) -> Double {
        var sum = 0.0
        for sample in samples {
            let y = highPass(shelf(Double(sample)))
            sum += y * y
        }
        return sum
    }
}
