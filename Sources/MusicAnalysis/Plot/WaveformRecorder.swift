/// Keeps a waveform's outline while the samples pass, finer than it is drawn, in memory that does not grow with its length.
public struct WaveformRecorder: Sendable {
    /// Stretches that are kept; when there are more, neighbours become one.
    private static let mostStretches = 1 << 16

    private struct Stretch {
        var lowest = Float.infinity
        var highest = -Float.infinity
        var squares: Float = 0
        var frames = 0

        mutating func add(_ other: Stretch) {
            lowest = min(lowest, other.lowest)
            highest = max(highest, other.highest)
            squares += other.squares
            frames += other.frames
        }
    }

    private var stretches: [Stretch] = []
    /// Frames in each stretch but the last.
    private var length = 1
    private var channelCount = 1

    public init() {}

    /// One array a channel, all of one length.
    public mutating func append(_ channels: [[Float]]) {
        channelCount = max(channels.count, 1)
        let frames = channels.first?.count ?? 0
        var first = 0
        while first < frames {
            if stretches.last.map({ $0.frames >= length }) ?? true {
                if stretches.count >= Self.mostStretches { halve() } else { stretches.append(Stretch()) }
                continue
            }
            let last = min(frames, first + length - stretches[stretches.count - 1].frames)
            var stretch = Stretch(frames: last - first)
            for channel in channels {
                for index in first ..< last {
                    let value = channel[index]
                    stretch.lowest = min(stretch.lowest, value)
                    stretch.highest = max(stretch.highest, value)
                    stretch.squares += value * value
                }
            }
            stretches[stretches.count - 1].add(stretch)
            first = last
        }
    }

    /// - Parameter count: columns wanted; a signal of fewer samples has one a sample.
    public func envelope(count: Int) -> WaveformEnvelope {
        let count = max(0, min(count, stretches.count))
        return WaveformEnvelope(columns: (0 ..< count).map { column in
            var sum = Stretch()
            for stretch in stretches[stretches.count * column / count ..< stretches.count * (column + 1) / count] { sum.add(stretch) }
            return WaveformEnvelope.Column(lowest: sum.lowest, highest: sum.highest, level: (sum.squares / Float(sum.frames * channelCount)).squareRoot())
        })
    }

    private mutating func halve() {
        stretches = stride(from: 0, to: stretches.count, by: 2).map { index in
            var pair = stretches[index]
            if index + 1 < stretches.count { pair.add(stretches[index + 1]) }
            return pair
        }
        length *= 2
    }
}
