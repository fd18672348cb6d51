import Numerics

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

    /// One channel, or mid and side.
    let channels: [[Float]]
    /// Nothing above the silence threshold in any channel.
    let isSilent: Bool

    var sampleCount: Int { channels.first?.count ?? 0 }
    var duration: Double { Double(sampleCount) / Double(Self.sampleRate) }

    init(_ samples: AudioSamples) {
        var folded = Self.fold(samples.channels)
        let peak = samples.channels.map(Reductions.peak).max() ?? 0
        isSilent = peak < Self.silencePeak
        let resampler = Resampler(from: samples.sampleRate, to: Self.sampleRate)
        folded = folded.map(resampler.resample)
        let power = folded.map(Reductions.sumOfSquares).reduce(0, +)
        let gain = isSilent || power <= 0 ? 1 : Self.level / (power / Float(max(1, folded[0].count))).squareRoot()
        channels = folded.map { channel in channel.map { $0 * gain } }
    }

    /// Mid and side of two channels (the side only where it is heard); more than two are first added up alternately, left and right.
    private static func fold(_ channels: [[Float]]) -> [[Float]] {
        guard channels.count > 1 else { return channels }
        var left = channels[0]
        var right = channels[1]
        for (index, channel) in channels.enumerated().dropFirst(2) {
            if index % 2 == 0 { add(channel, to: &left) } else { add(channel, to: &right) }
        }
        var mid = left
        for index in mid.indices { mid[index] = 0.5 * (left[index] + right[index]) }
        for index in left.indices { left[index] = 0.5 * (left[index] - right[index]) }
        let (midPower, sidePower) = (Reductions.sumOfSquares(mid), Reductions.sumOfSquares(left))
        if sidePower < 0.01 * midPower { return [mid] }
        return midPower < 0.01 * sidePower ? [left] : [mid, left]
    }

    private static func add(_ channel: [Float], to sum: inout [Float]) {
        for index in sum.indices { sum[index] += channel[index] }
    }
}
