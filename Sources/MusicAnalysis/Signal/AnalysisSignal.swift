import NumericKernels

/// The signal that rhythm and harmony are read from: one or two channels at 22.05 kHz, at one level for all music.
///
/// Two channels are kept where they differ, because their *powers* are added later: music in opposite phase left and right
/// is silent in a mono sum. Level is normalised, so that nothing later depends on how loud a file was mastered.
struct AnalysisSignal: Sendable {
    static let sampleRate = 22_050
    /// Root mean square that the signal is brought to.
    static let level: Float = 0.1
    /// Below one step of 16-bit sound there is no music.
    private static let silencePeak: Float = 3e-5

    /// One channel, or two that differ.
    let channels: [[Float]]
    /// Nothing above the silence threshold in any channel.
    let isSilent: Bool

    var sampleCount: Int { channels.first?.count ?? 0 }
    var duration: Double { Double(sampleCount) / Double(Self.sampleRate) }

    init(_ samples: AudioSamples) {
        let peak = samples.channels.map(Reductions.peak).max() ?? 0
        isSilent = peak < Self.silencePeak
        let resampler = Resampler(from: samples.sampleRate, to: Self.sampleRate)
        let result = Self.fold(samples.channels).map(resampler.resample)
        let power = result.map(Reductions.sumOfSquares).reduce(0, +)
        let gain = isSilent || power <= 0 ? 1 : Self.level / (power / Float(max(1, result[0].count))).squareRoot()
        channels = result.map { channel in channel.map { $0 * gain } }
    }

    /// At most two channels: more are added up alternately, left and right; two that are nearly the same, or nearly opposite, become one.
    private static func fold(_ channels: [[Float]]) -> [[Float]] {
        guard channels.count > 1 else { return channels }
        var left = channels[0]
        var right = channels[1]
        for (index, channel) in channels.enumerated().dropFirst(2) {
            if index % 2 == 0 { add(channel, times: 1, to: &left) } else { add(channel, times: 1, to: &right) }
        }
        let (own, cross) = (Reductions.sumOfSquares(left) + Reductions.sumOfSquares(right), 2 * Reductions.dot(left, right))
        // Powers of mid and side, but for a factor. What is 20 dB below the other is not heard beside it.
        let (mid, side) = (own + cross, own - cross)
        if side < 0.01 * mid {
            add(right, times: 1, to: &left)
            return [left]
        }
        if mid < 0.01 * side {
            add(right, times: -1, to: &left)
            return [left]
        }
        return [left, right]
    }

    private static func add(_ channel: [Float], times factor: Float, to sum: inout [Float]) {
        precondition(channel.count == sum.count, "channels have equal lengths")
        sum.withUnsafeMutableBufferPointer { sum in
            channel.withUnsafeBufferPointer { channel in
                // Invariant: both have as many samples (checked above).
                for index in sum.indices { sum[index] += factor * channel[index] }
            }
        }
    }
}
