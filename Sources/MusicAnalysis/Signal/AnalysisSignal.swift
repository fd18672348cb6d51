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

    /// What the samples were multiplied with.
    let gain: Float

    init(_ samples: AudioSamples) {
        var sides = Self.sides(samples.channels)
        self.init(taking: &sides, sampleRate: samples.sampleRate, peak: samples.channels.map(Reductions.peak).max() ?? 0)
    }

    /// Takes the samples away from the caller, channel by channel, so that they are not held beside what is made of them.
    ///
    /// - Parameters:
    ///   - sides: what ``sides(_:)`` gives; empty afterwards.
    ///   - peak: the largest |sample| of all channels.
    init(taking sides: inout [[Float]], sampleRate: Int, peak: Float) {
        isSilent = peak < Self.silencePeak
        let resampler = Resampler(from: sampleRate, to: Self.sampleRate)
        Self.merge(&sides)
        var result: [[Float]] = []
        while !sides.isEmpty { result.append(resampler.resample(sides.removeFirst())) }
        let power = result.map(Reductions.sumOfSquares).reduce(0, +)
        gain = isSilent || power <= 0 ? 1 : Self.level / (power / Float(max(1, result[0].count))).squareRoot()
        for channel in result.indices {
            for index in result[channel].indices { result[channel][index] *= gain }
        }
        channels = result
    }

    /// At most two channels: more are added up alternately, left and right.
    static func sides(_ channels: [[Float]]) -> [[Float]] {
        guard channels.count > 2 else { return channels }
        var (left, right) = (channels[0], channels[1])
        for (index, channel) in channels.enumerated().dropFirst(2) {
            if index % 2 == 0 { add(channel, times: 1, to: &left) } else { add(channel, times: 1, to: &right) }
        }
        return [left, right]
    }

    /// Two that are nearly the same, or nearly opposite, become one.
    private static func merge(_ sides: inout [[Float]]) {
        guard sides.count == 2 else { return }
        let own = Reductions.sumOfSquares(sides[0]) + Reductions.sumOfSquares(sides[1]), cross = 2 * Reductions.dot(sides[0], sides[1])
        // Powers of mid and side, but for a factor. What is 20 dB below the other is not heard beside it.
        let (mid, side) = (own + cross, own - cross)
        guard side < 0.01 * mid || mid < 0.01 * side else { return }
        let right = sides.removeLast()
        add(right, times: side < 0.01 * mid ? 1 : -1, to: &sides[0])
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
