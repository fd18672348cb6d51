import Glibc

/// A plan for the discrete Fourier transform of real signals of one power-of-two length.
///
/// Eight transforms run side by side, one in each SIMD lane: every butterfly is then a vector operation, whatever the
/// stage. The complex core is a radix-4 Stockham autosort (Stockham 1966; no bit reversal) of half the length, followed
/// by the usual split of a packed real signal.
public struct RealFourierTransform: Sendable {
    public typealias Lanes = SIMD8<Float>

    /// Samples in.
    public let length: Int
    /// Bins out, `length / 2 + 1`: bin k is at `k / length` of the sample rate.
    public var binCount: Int { length / 2 + 1 }

    /// cos and −sin of 2πk / (length / 2), k < length / 2.
    private let twiddleReal: [Float]
    private let twiddleImaginary: [Float]
    /// cos and −sin of 2πk / length, k ≤ length / 2.
    private let splitReal: [Float]
    private let splitImaginary: [Float]

    /// Buffers of one batch, kept between calls. One workspace serves one caller at a time.
    public struct Workspace: Sendable {
        /// Input: `length` samples of eight signals, sample-major. Destroyed by a transform.
        public var samples: [Lanes]
        /// Output: `binCount` real parts and as many imaginary parts.
        public internal(set) var real: [Lanes]
        public internal(set) var imaginary: [Lanes]
        fileprivate var a: (real: [Lanes], imaginary: [Lanes])
        fileprivate var b: (real: [Lanes], imaginary: [Lanes])
    }

    /// - Parameter length: a power of two, at least 4.
    public init(length: Int) {
        precondition(length >= 4 && length & (length - 1) == 0, "a transform's length is a power of two, at least 4")
        self.length = length
        let half = length / 2
        let core = (0 ..< half).map { 2 * Double.pi * Double($0) / Double(half) }
        twiddleReal = core.map { Float(cos($0)) }
        twiddleImaginary = core.map { Float(-sin($0)) }
        let split = (0 ... half).map { 2 * Double.pi * Double($0) / Double(length) }
        splitReal = split.map { Float(cos($0)) }
        splitImaginary = split.map { Float(-sin($0)) }
    }

    public func makeWorkspace() -> Workspace {
        let half = [Lanes](repeating: .zero, count: length / 2)
        let bins = [Lanes](repeating: .zero, count: binCount)
        return Workspace(samples: [Lanes](repeating: .zero, count: length), real: bins, imaginary: bins, a: (half, half), b: (half, half))
    }

    /// The transform of one real signal of `length` samples: `binCount` real and imaginary parts, unscaled.
    public func transform(_ signal: [Float]) -> (real: [Float], imaginary: [Float]) {
        precondition(signal.count == length, "the plan is for \(length) samples, not \(signal.count)")
        var workspace = makeWorkspace()
        for (index, sample) in signal.enumerated() { workspace.samples[index][0] = sample }
        transform(&workspace)
        return (workspace.real.map { $0[0] }, workspace.imaginary.map { $0[0] })
    }

    /// Transforms the eight signals in `workspace.samples` into `workspace.real` and `workspace.imaginary`, of which only the
    /// first `bins` are written where fewer are asked for.
    public func transform(_ workspace: inout Workspace, bins: Int? = nil) {
        precondition(workspace.samples.count == length && workspace.real.count == binCount, "the workspace belongs to another plan")
        let half = length / 2
        for index in 0 ..< half {
            workspace.a.real[index] = workspace.samples[2 * index]
            workspace.a.imaginary[index] = workspace.samples[2 * index + 1]
        }
        var remaining = half
        var stride = 1
        var inA = true
        while remaining > 1 {
            let radix = remaining % 4 == 0 ? 4 : 2
            if inA {
                stage(radix, remaining, stride, from: workspace.a, to: &workspace.b)
            } else {
                stage(radix, remaining, stride, from: workspace.b, to: &workspace.a)
            }
            inA.toggle()
            remaining /= radix
            stride *= radix
        }
        if inA {
            split(workspace.a, bins, real: &workspace.real, imaginary: &workspace.imaginary)
        } else {
            split(workspace.b, bins, real: &workspace.real, imaginary: &workspace.imaginary)
        }
    }

    private func stage(
        _ radix: Int, _ n: Int, _ stride: Int, from x: (real: [Lanes], imaginary: [Lanes]), to y: inout (real: [Lanes], imaginary: [Lanes])
    ) {
        // Invariant: all four buffers hold length / 2 = n · stride elements; an index is below
        // stride · (p + n (radix − 1) / radix) + stride ≤ n · stride on the left and stride · radix · (p + 1) ≤ n · stride
        // on the right, and 3 p · stride < length / 2 in the twiddle tables because p < n / 4.
        x.real.withUnsafeBufferPointer { xr in
            x.imaginary.withUnsafeBufferPointer { xi in
                y.real.withUnsafeMutableBufferPointer { yr in
                    y.imaginary.withUnsafeMutableBufferPointer { yi in
                        if radix == 4 {
                            radix4(n, stride, xr, xi, yr, yi)
                        } else {
                            for q in 0 ..< stride {
                                yr[q] = xr[q] + xr[q + stride]
                                yi[q] = xi[q] + xi[q + stride]
                                yr[q + stride] = xr[q] - xr[q + stride]
                                yi[q + stride] = xi[q] - xi[q + stride]
                            }
                        }
                    }
                }
            }
        }
    }

    private func radix4(
        _ n: Int, _ stride: Int, _ xr: UnsafeBufferPointer<Lanes>, _ xi: UnsafeBufferPointer<Lanes>,
        _ yr: UnsafeMutableBufferPointer<Lanes>, _ yi: UnsafeMutableBufferPointer<Lanes>
    ) {
        let quarter = n / 4
        for p in 0 ..< quarter {
            let (w1r, w1i) = (twiddleReal[p * stride], twiddleImaginary[p * stride])
            let (w2r, w2i) = (twiddleReal[2 * p * stride], twiddleImaginary[2 * p * stride])
            let (w3r, w3i) = (twiddleReal[3 * p * stride], twiddleImaginary[3 * p * stride])
            for q in 0 ..< stride {
                let i0 = q + stride * p, i1 = i0 + stride * quarter, i2 = i1 + stride * quarter, i3 = i2 + stride * quarter
                let (sumACr, sumACi) = (xr[i0] + xr[i2], xi[i0] + xi[i2])
                let (difACr, difACi) = (xr[i0] - xr[i2], xi[i0] - xi[i2])
                let (sumBDr, sumBDi) = (xr[i1] + xr[i3], xi[i1] + xi[i3])
                // i · (b − d)
                let (turnBDr, turnBDi) = (xi[i3] - xi[i1], xr[i1] - xr[i3])
                let o = q + stride * 4 * p
                yr[o] = sumACr + sumBDr
                yi[o] = sumACi + sumBDi
                let (c1r, c1i) = (difACr - turnBDr, difACi - turnBDi)
                yr[o + stride] = c1r * w1r - c1i * w1i
                yi[o + stride] = c1r * w1i + c1i * w1r
                let (c2r, c2i) = (sumACr - sumBDr, sumACi - sumBDi)
                yr[o + 2 * stride] = c2r * w2r - c2i * w2i
                yi[o + 2 * stride] = c2r * w2i + c2i * w2r
                let (c3r, c3i) = (difACr + turnBDr, difACi + turnBDi)
                yr[o + 3 * stride] = c3r * w3r - c3i * w3i
                yi[o + 3 * stride] = c3r * w3i + c3i * w3r
            }
        }
    }

    /// X[k] = ½ (Z[k] + Z̄[h−k]) − ½ i e^{−2πik/length} (Z[k] − Z̄[h−k]), h = length / 2.
    private func split(_ z: (real: [Lanes], imaginary: [Lanes]), _ bins: Int?, real: inout [Lanes], imaginary: inout [Lanes]) {
        let half = length / 2
        for k in 0 ..< min(bins ?? binCount, binCount) {
            let (a, b) = (k % half, (half - k) % half)
            let (evenR, evenI) = (0.5 * (z.real[a] + z.real[b]), 0.5 * (z.imaginary[a] - z.imaginary[b]))
            let (oddR, oddI) = (0.5 * (z.imaginary[a] + z.imaginary[b]), 0.5 * (z.real[b] - z.real[a]))
            real[k] = evenR + oddR * splitReal[k] - oddI * splitImaginary[k]
            imaginary[k] = evenI + oddR * splitImaginary[k] + oddI * splitReal[k]
        }
    }
}
