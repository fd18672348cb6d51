import FleetModel
import MusicLanguageModel

/// Output of `embedding`: what the audio tower makes of a recording.
public struct MusicEmbedding: Hashable, Sendable, Codable {
    /// A part of the recording that the tower heard.
    public struct Clip: Hashable, Sendable, Codable {
        /// Seconds from the recording's start, rounded to millionths.
        public var start: Double
        /// The recording's end, where that comes before the clip's.
        public var end: Double

        enum CodingKeys: String, CodingKey { case start = "start_s", end = "end_s" }
    }

    /// Numbers a vector.
    public var dimensions: Int
    public var clips: [Clip]
    /// One for each clip, all of one length.
    public var vectors: [StoredVector]
    /// Their mean.
    public var pooled: StoredVector
    /// Names the tower's files by their bytes.
    public var checkpoint: Digest
    public var mean: MeanSubtraction
    /// Whether the recording goes on behind what was listened to.
    public var isTruncated: Bool

    enum CodingKeys: String, CodingKey {
        case dimensions, clips, vectors, pooled, checkpoint, mean, isTruncated = "truncated"
    }

    init(_ vectors: [[Float]], of heard: HeardMusic, checkpoint: Digest, _ mean: MeanSubtraction) {
        let plan = heard.spectra.plan
        func microseconds(_ seconds: Double) -> Double { (seconds * 1_000_000).rounded() / 1_000_000 }
        clips = zip(plan.startTimes, plan.sampleRanges).map { start, range in
            Clip(start: microseconds(start), end: microseconds(start + Double(range.count) / Double(plan.sampleRate)))
        }
        dimensions = vectors.first?.count ?? 0
        self.vectors = vectors.map { StoredVector($0) }
        pooled = StoredVector((0..<dimensions).map { index in vectors.reduce(0) { $0 + $1[index] } / Float(vectors.count) })
        self.checkpoint = checkpoint
        self.mean = mean
        isTruncated = heard.isTruncated
    }
}
