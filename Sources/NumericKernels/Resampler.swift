import Glibc

/// Changes a signal's sample rate by a rational factor with a windowed-sinc filter in polyphase form.
///
/// The filter is linear-phase and its delay is removed: sample i of the output is the signal at time i / `outputRate`.
/// Pass band to 0.9 of the lower Nyquist frequency, stop band (−80 dB) from 1.1 of it.
public struct Resampler: Sendable {
    public let inputRate: Int
    public let outputRate: Int
    /// Output advances `numerator` phases of `denominator`: output / input = `up / down`.
    private let up: Int
    private let down: Int
    private let taps: Int
    /// `up` phases of `taps` coefficients each, oldest sample first.
    private let coefficients: [Float]
    /// Of the matrix product that halves a rate.
    private static let blocksAtOnce = 4_096

    /// - Parameters: rates in Hz, positive. Rates without a small common ratio are met to within a millionth.
    public init(from inputRate: Int, to outputRate: Int) {
        precondition(inputRate > 0 && outputRate > 0, "sample rates are positive")
        self.inputRate = inputRate
        self.outputRate = outputRate
        (up, down) = Self.ratio(outputRate, inputRate, limit: 1_024)
        let cutoff = min(1, Double(up) / Double(down))
        // Kaiser: taps ≈ (attenuation − 8) / (2.285 · transition); transition of 0.2 of the lower Nyquist frequency.
        let halfWidth = min(4_096, Int((25.0 / cutoff).rounded(.up)))
        taps = (2 * halfWidth + 7) & ~7
        var table = [Float](repeating: 0, count: up * taps)
        let window = WindowFunction.kaiser(length: 4_097, beta: 7.9)
        for phase in 0 ..< up {
            let fraction = Double(phase) / Double(up)
            var sum = 0.0
            var row = [Double](repeating: 0, count: taps)
            for tap in 0 ..< taps {
                let x = Double(tap - taps / 2 + 1) - fraction
                let u = x / Double(taps / 2)
                guard abs(u) < 1 else { continue }
                let position = (u + 1) / 2 * 4_096
                let index = min(4_095, Int(position))
                let weight = window[index] + (window[index + 1] - window[index]) * (position - Double(index))
                let argument = Double.pi * x * cutoff
                row[tap] = weight * (abs(argument) < 1e-9 ? 1 : sin(argument) / argument)
                sum += row[tap]
            }
            for tap in 0 ..< taps { table[phase * taps + tap] = Float(row[tap] / sum) }
        }
        coefficients = table
    }

    /// Samples out for `count` samples in.
    public func outputCount(inputCount count: Int) -> Int {
        count <= 0 ? 0 : (count - 1) * up / down + 1
    }

    /// The signal at the output rate.
    public func resample(_ signal: [Float]) -> [Float] {
        guard up != down else { return signal }
        if up == 1 && down == 2 { return halved(signal) }
        // Invariant: the padded copy has taps / 2 zeros before and taps after the signal, so that a filter centred on any
        // input sample stays inside; (index · down) / up ≤ count − 1 by outputCount.
        let before = taps / 2 - 1
        var padded = [Float](repeating: 0, count: signal.count + 2 * taps)
        padded.replaceSubrange(before ..< before + signal.count, with: signal)
        let outputs = outputCount(inputCount: signal.count)
        return [Float](unsafeUninitializedCapacity: outputs) { output, initialized in
            padded.withUnsafeBufferPointer { samples in
                coefficients.withUnsafeBufferPointer { table in
                    for index in 0 ..< outputs {
                        let position = index * down
                        let start = position / up
                        let phase = position % up
                        output[index] = Reductions.dot(
                            UnsafeBufferPointer(rebasing: samples[start ..< start + taps]),
                            UnsafeBufferPointer(rebasing: table[phase * taps ..< (phase + 1) * taps]))
                    }
                }
            }
            initialized = outputs
        }
    }

    /// Half the rate, of which most music is asked, as a matrix product: each row of the left side is the run of samples that a block
    /// of outputs reads, the right side the filter once for each output of a block. Every other coefficient of a filter that cuts at
    /// half the band is zero but for the middle one, so that half of the samples take part with that one alone.
    private func halved(_ signal: [Float]) -> [Float] {
        let outputs = outputCount(inputCount: signal.count)
        let (block, reach, middle) = (32, taps / 2, taps / 2 - 1)
        let run = block + reach
        // Sample i stands at i + middle before the filter; middle is odd, because taps are a multiple of eight.
        let before = (middle + 1) / 2
        var filters = Matrix(rows: run, columns: block)
        for output in 0 ..< block {
            for tap in 0 ..< reach { filters[output + tap, output] = coefficients[2 * tap] }
        }
        let centre = coefficients[middle]
        let odds = signal.count / 2
        var result: [Float] = []
        result.reserveCapacity(outputs)
        // Some blocks at a time: what is laid out for the product is twice the signal.
        for firstBlock in stride(from: 0, to: (outputs + block - 1) / block, by: Self.blocksAtOnce) {
            let blocks = min(Self.blocksAtOnce, (outputs + block - 1) / block - firstBlock)
            // Invariant: row r holds the odd samples from r · block − before on, zeros outside the signal; each row is `run` long.
            let runs = [Float](unsafeUninitializedCapacity: blocks * run) { runs, initialized in
                signal.withUnsafeBufferPointer { signal in
                    for row in 0 ..< blocks {
                        for offset in 0 ..< run {
                            let index = (firstBlock + row) * block + offset - before
                            runs[row * run + offset] = index >= 0 && index < odds ? signal[2 * index + 1] : 0
                        }
                    }
                }
                initialized = blocks * run
            }
            let sides = Matrix(rows: blocks, columns: run, elements: runs).multiplied(by: filters)
            let first = firstBlock * block
            for index in first ..< min(first + blocks * block, outputs) { result.append(sides.elements[index - first] + centre * signal[2 * index]) }
        }
        return result
    }

    /// numerator / denominator in lowest terms, or the best approximation whose numerator is at most `limit`
    /// (continued fractions).
    private static func ratio(_ numerator: Int, _ denominator: Int, limit: Int) -> (Int, Int) {
        var (a, b) = (numerator, denominator)
        var (p0, q0, p1, q1) = (0, 1, 1, 0)
        while b != 0 {
            let term = a / b
            let (p, q) = (term * p1 + p0, term * q1 + q0)
            if p > limit { break }
            (p0, q0, p1, q1) = (p1, q1, p, q)
            (a, b) = (b, a % b)
        }
        return p1 == 0 || q1 == 0 ? (1, max(1, denominator / numerator)) : (p1, q1)
    }
}
