import Glibc
import NumericKernels

/// The peak between the samples: fourfold interpolation (BS.1770-4, annex 2).
struct TruePeak: Sendable {
    private static let taps = 24
    /// Where three phases lie between two samples: windowed sincs at ¼, ½ and ¾.
    private static let phases: [[Float]] = (1 ... 3).map { phase in
        let fraction = Double(phase) / 4
        let window = WindowFunction.kaiser(length: 4 * taps + 1, beta: 6)
        return (0 ..< taps).map { tap in
            let x = Double(tap - taps / 2 + 1) - fraction
            let position = Int(((x / Double(taps / 2) + 1) * 2 * Double(taps)).rounded())
            return Float((x == 0 ? 1 : sin(Double.pi * x) / (Double.pi * x)) * window[min(max(position, 0), 4 * taps)])
        }
    }
    /// No interpolated value exceeds the largest sample around it by more than this factor.
    private static let bound: Float = phases.map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 4

    /// The last samples of each channel, that the next ones are interpolated with.
    private var tails: [[Float]]
    /// The largest |x| of each interpolated channel.
    private var peaks: [Float]

    init(channelCount: Int) {
        tails = [[Float]](repeating: [], count: channelCount)
        peaks = [Float](repeating: 0, count: channelCount)
    }

    /// The largest |x| of all interpolated channels.
    var value: Float { peaks.max() ?? 0 }

    /// - Parameter samplePeaks: the largest |sample| of each channel.
    mutating func append(_ channels: [[Float]], peaks samplePeaks: [Float]) {
        for channel in channels.indices {
            let samples = tails[channel].isEmpty ? channels[channel] : tails[channel] + channels[channel]
            peaks[channel] = Self.measure(samples, above: max(peaks[channel], samplePeaks[channel]))
            tails[channel] = Array(samples.suffix(Self.taps))
        }
    }

    /// Only blocks that could hold more than the given peak are interpolated.
    private static func measure(_ channel: [Float], above peak: Float) -> Float {
        var peak = peak
        let block = 512
        for first in stride(from: 0, to: channel.count - taps, by: block) {
            let last = min(first + block + taps, channel.count)
            guard Reductions.peak(channel[first ..< last]) * bound > peak else { continue }
            let samples = Array(channel[first ..< last])
            // A crest that matters has a sample near it: at 0.55 of its height even in white noise.
            for offset in 0 ..< samples.count - taps {
                let centre = samples[offset + taps / 2 - 1], next = samples[offset + taps / 2]
                guard max(abs(centre), abs(next)) > 0.5 * peak else { continue }
                let around = Array(samples[offset ..< offset + taps])
                for phase in phases { peak = max(peak, abs(Reductions.dot(around, phase))) }
            }
        }
        return peak
    }
}
