/// The ten kinds of music video (arXiv 2503.11190, §2.1).
public enum MVType: String, Hashable, Sendable, Codable, CaseIterable {
    case livePerformance = "Live Performance"
    case lyricVideo = "Lyric Video"
    case animation = "Animation"
    case storyNarrative = "Story Narrative"
    case artistic = "Artistic/Abstract"
    case dancePerformance = "Dance Performance"
    case behindTheScenes = "Behind-the-Scenes"
    case nature = "Nature/Scenic"
    case montage = "Static/Dynamic Picture Montage"
    case cinematicDrama = "Cinematic Drama"
}

/// Output of `mv-type`: one to three kinds, the most likely first.
public struct MVTypes: Hashable, Sendable, Codable {
    public struct Judgement: Hashable, Sendable, Codable {
        public var name: MVType
        /// Indices (1…15) of the frames that speak for it; empty where nothing does.
        public var evidenceFrames: [Int]
        /// 0…1.
        public var confidence: Double
        /// What was seen that speaks for it, in a sentence.
        public var reason: String

        public init(name: MVType, evidenceFrames: [Int], confidence: Double, reason: String) {
            self.name = name
            self.evidenceFrames = evidenceFrames
            self.confidence = confidence
            self.reason = reason
        }

        enum CodingKeys: String, CodingKey { case name, evidenceFrames = "evidence_frames", confidence, reason }
    }

    public var types: [Judgement]
    public var source: CaptionSource
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(types: [Judgement], source: CaptionSource, quality: CaptionQuality? = nil) {
        self.types = types
        self.source = source
        self.quality = quality
    }
}
