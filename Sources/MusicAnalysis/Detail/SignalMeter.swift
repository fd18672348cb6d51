import Glibc
import NumericKernels

/// Silence, fades and clipping, and how far the channels differ.
struct SignalMeter: Sendable {
    private static let silenceLevel = -60.0
    private static let leastSilence = 0.3
    /// Seconds of the blocks that silence is found in.
    private static let blockSeconds = 0.05
    private static let leastFade = (seconds: 2.0, decibels: 15.0)
    private static let sureFade = 30.0
    /// A fade may falter by so much, dB.
    private static let falter = 1.5
    /// Levels within so much of the highest are as high, dB.
    private static let height = 0.5

    private let sampleRate: Int
    /// Samples in a block.
    private let length: Int
    /// What has come since the last whole block, by channel.
    private var rest: [[Float]]
    /// dBFS of each block: RMS of the loudest channel, −100 at least.
    private var levels: [Double] = []
    private var crests: [CrestCount]
    private var frameCount = 0
    /// Of the first two channels.
    private var sums = (left: 0.0, right: 0.0, product: 0.0)

    init(sampleRate: Int, channelCount: Int) {
        self.sampleRate = sampleRate
        length = max(1, Int(Double(sampleRate) * Self.blockSeconds))
        rest = [[Float]](repeating: [], count: channelCount)
        crests = [CrestCount](repeating: CrestCount(), count: channelCount)
    }

    mutating func append(_ channels: [[Float]]) {
        guard let frames = channels.first?.count, frames > 0 else { return }
        frameCount += frames
        if channels.count > 1 {
            sums.left += Double(Reductions.sumOfSquares(channels[0]))
            sums.right += Double(Reductions.sumOfSquares(channels[1]))
            sums.product += Double(Reductions.dot(channels[0], channels[1]))
        }
        let samples = rest[0].isEmpty ? channels : zip(rest, channels).map { $0 + $1 }
        let whole = samples[0].count / length * length
        take(samples, upTo: whole)
        rest = samples.map { Array($0[whole...]) }
    }

    /// What was found, of all samples. To be called once, after the last.
    mutating func finish() -> (signal: MusicFeatures.Signal, stereo: MusicFeatures.Stereo?) {
        let last = rest
        take(last, upTo: last.first?.count ?? 0)
        let duration = Double(frameCount) / Double(sampleRate)
        let spans = Self.silentSpans(levels, duration: duration)
        let clipping = crests.map { $0.clipping(sampleCount: frameCount) }.max { $0.confidence < $1.confidence } ?? (0, 0)
        let signal = MusicFeatures.Signal(
            silentSpans: spans, silentShare: MusicAnalyzer.rounded(duration > 0 ? min(1, spans.reduce(0) { $0 + $1.end - $1.start } / duration) : 0, places: 3),
            fades: Self.fades(levels), clippedShare: MusicAnalyzer.rounded(clipping.share, places: 6), clippingConfidence: MusicAnalyzer.rounded(clipping.confidence, places: 3))
        return (signal, stereo())
    }

    /// Nil with one channel, and where both are silent.
    private func stereo() -> MusicFeatures.Stereo? {
        let (a, b, cross) = sums
        guard rest.count > 1, a + b > 0 else { return nil }
        let width = (a + b - 2 * cross) / (2 * (a + b))
        let correlation = a > 0 && b > 0 ? cross / (a.squareRoot() * b.squareRoot()) : 0
        let balance = 10 * (log10(max(b, 1e-12)) - log10(max(a, 1e-12)))
        return MusicFeatures.Stereo(width: MusicAnalyzer.rounded(min(max(width, 0), 1), places: 3), correlation: MusicAnalyzer.rounded(min(max(correlation, -1), 1), places: 3),
                                    balanceDb: MusicAnalyzer.rounded(min(max(balance, -60), 60), places: 2))
    }

    private mutating func take(_ channels: [[Float]], upTo end: Int) {
        for first in stride(from: 0, to: end, by: length) {
            let last = min(first + length, end)
            var loudest = 0.0
            for channel in channels.indices {
                let samples = Array(channels[channel][first ..< last])
                loudest = max(loudest, Double(Reductions.sumOfSquares(samples)) / Double(last - first))
                crests[channel].append(samples)
            }
            levels.append(max(-100, 10 * log10(max(loudest, 1e-10))))
        }
    }

    private static func silentSpans(_ levels: [Double], duration: Double) -> [MusicFeatures.Span] {
        var spans: [MusicFeatures.Span] = []
        var first: Int?
        for index in 0 ... levels.count {
            if index < levels.count, levels[index] < silenceLevel {
                first = first ?? index
            } else if let begin = first {
                let (start, end) = (Double(begin) * blockSeconds, min(Double(index) * blockSeconds, duration))
                if end - start >= leastSilence - 1e-9 {
                    spans.append(MusicFeatures.Span(start: MusicAnalyzer.rounded(start, places: 3), end: MusicAnalyzer.rounded(end, places: 3)))
                }
                first = nil
            }
        }
        return spans
    }

    private static func fades(_ levels: [Double]) -> [MusicFeatures.Fade] {
        // Half a second is smoothed over, or every drum would be an end.
        let smooth = Smoothing.mean(levels.map { Float(max($0, -80)) }, reach: 8).map(Double.init)
        let seconds = Double(smooth.count) * blockSeconds
        return [fall(smooth).map { fade(.fadeOut, from: $0.begin, to: $0.end, $0, of: seconds) },
                fall(smooth.reversed()).map { fade(.fadeIn, from: seconds - $0.end, to: seconds - $0.begin, $0, of: seconds) }].compactMap { $0 }
    }

    private static func fade(_ kind: MusicFeatures.Fade.Kind, from start: Double, to end: Double, _ fall: Fall, of seconds: Double) -> MusicFeatures.Fade {
        MusicFeatures.Fade(kind: kind, start: MusicAnalyzer.rounded(max(0, start), places: 2), end: MusicAnalyzer.rounded(min(end, seconds), places: 2),
                           depthDb: MusicAnalyzer.rounded(fall.depth, places: 1), confidence: MusicAnalyzer.rounded(fall.straightness * min(1, fall.depth / sureFade), places: 3))
    }

    private struct Fall {
        /// Seconds.
        var begin: Double
        var end: Double
        /// dB.
        var depth: Double
        /// 0…1.
        var straightness: Double
    }

    /// The fall at the end of the levels: from their end, or from where silence begins, back as long as they go up.
    private static func fall(_ levels: [Double]) -> Fall? {
        guard let last = levels.lastIndex(where: { $0 > silenceLevel }), last > 0 else { return nil }
        var top = levels[last]
        for index in stride(from: last, through: 0, by: -1) {
            if levels[index] < top - falter { break }
            top = max(top, levels[index])
        }
        // It begins where the level leaves its height, however long it had that before.
        guard let begin = levels[...last].lastIndex(where: { $0 >= top - height }) else { return nil }
        let (seconds, depth) = (Double(last - begin) * blockSeconds, top - levels[last])
        guard seconds >= leastFade.seconds, depth >= leastFade.decibels else { return nil }
        return Fall(begin: Double(begin) * blockSeconds, end: Double(last + 1) * blockSeconds, depth: depth, straightness: straightness(Array(levels[begin ... last])))
    }

    /// R² of a line through the values.
    private static func straightness(_ values: [Double]) -> Double {
        let count = Double(values.count)
        let (meanX, meanY) = ((count - 1) / 2, values.reduce(0, +) / count)
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (index, value) in values.enumerated() {
            let (x, y) = (Double(index) - meanX, value - meanY)
            xy += x * y
            xx += x * x
            yy += y * y
        }
        return xx > 0 && yy > 0 ? min(1, xy * xy / (xx * yy)) : 0
    }
}
