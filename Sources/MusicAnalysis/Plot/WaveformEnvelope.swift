/// A waveform as it is drawn: for each of a number of equal stretches, how far it reaches and how strong it is.
public struct WaveformEnvelope: Sendable, Hashable {
    /// Of all channels together; full scale is ±1.
    public struct Column: Sendable, Hashable {
        public var lowest: Float
        public var highest: Float
        /// Root mean square over the channels.
        public var level: Float

        public init(lowest: Float, highest: Float, level: Float) {
            (self.lowest, self.highest, self.level) = (lowest, highest, level)
        }
    }

    public let columns: [Column]
    /// The largest |sample|; 0 for silence.
    public let peak: Float

    public init(columns: [Column]) {
        self.columns = columns
        peak = columns.map { max(abs($0.lowest), abs($0.highest)) }.max() ?? 0
    }

    /// - Parameter count: columns wanted; a signal of fewer samples has one a sample.
    public init(_ samples: AudioSamples, count: Int) {
        let frames = samples.frameCount
        let count = max(0, min(count, frames))
        self.init(columns: (0 ..< count).map { column in
            let (first, last) = (frames * column / count, frames * (column + 1) / count)
            var (lowest, highest, sum) = (Float.infinity, -Float.infinity, Float(0))
            for channel in samples.channels {
                for index in first ..< last {
                    let value = channel[index]
                    lowest = min(lowest, value)
                    highest = max(highest, value)
                    sum += value * value
                }
            }
            return Column(lowest: lowest, highest: highest, level: (sum / Float((last - first) * samples.channels.count)).squareRoot())
        })
    }
}
