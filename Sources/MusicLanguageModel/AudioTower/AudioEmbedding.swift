/// What the audio tower makes of a recording, and what it heard of it.
public struct AudioEmbedding: Sendable, Equatable, Codable {
    /// `clips × outputs`: a vector each, all of one length (20 in the published model).
    public var clips: [[Float]]
    /// The clips' mean: what NExT-GPT's adaptor reads.
    public var pooled: [Float]
    public var provenance: Provenance

    public init(clips: [[Float]], pooled: [Float], provenance: Provenance) {
        self.clips = clips
        self.pooled = pooled
        self.provenance = provenance
    }

    public struct Provenance: Sendable, Equatable, Codable {
        /// Hz, of the audio as it came.
        public var inputSampleRate: Int
        /// Hz, at which the tower hears.
        public var sampleRate: Int
        /// Seconds from the start of the audio at which the clips begin.
        public var clipStarts: [Double]
        /// Seconds of each clip; less where the audio is shorter.
        public var clipSeconds: Double
        public var meanSubtraction: MeanSubtraction
        /// How the tower's weights were kept (`f32`, `bf16`, …).
        public var weightFormat: String

        public init(inputSampleRate: Int, sampleRate: Int, clipStarts: [Double], clipSeconds: Double, meanSubtraction: MeanSubtraction, weightFormat: String) {
            self.inputSampleRate = inputSampleRate
            self.sampleRate = sampleRate
            self.clipStarts = clipStarts
            self.clipSeconds = clipSeconds
            self.meanSubtraction = meanSubtraction
            self.weightFormat = weightFormat
        }
    }
}
