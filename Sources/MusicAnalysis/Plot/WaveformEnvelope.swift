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
        var recorder = WaveformRecorder()
        recorder.append(samples.channels)
        self = recorder.envelope(count: count)
    }
}
