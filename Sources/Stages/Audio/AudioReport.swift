import MusicAnalysis

/// The `audio` stage's output for one clip: the music's features with what the file was. One flat JSON object, snake_case keys.
public struct AudioReport: Sendable, Hashable, Codable {
    /// Id or file name of the clip; the caller fills it in.
    public var clip: String
    /// False where there is no audio; then `reason` says why and the features are empty.
    public var isAvailable: Bool
    public var reason: String?
    /// Seconds of audio that were analysed.
    public var duration: Double
    /// Seconds from the start of the file's timeline to the first sample that was analysed. Times below count from the first sample.
    public var startTime: Double
    /// Hz.
    public var sampleRate: Int
    public var channels: Int
    public var container: String
    public var codec: String
    /// The file goes on after what was analysed.
    public var isTruncated: Bool
    /// What was wrong with the file and was survived.
    public var warnings: [String]
    public var features: MusicFeatures

    enum CodingKeys: String, CodingKey {
        case clip, isAvailable = "available", reason, duration, startTime = "start_time", sampleRate = "sample_rate", channels
        case container, codec, isTruncated = "truncated", warnings
    }

    public init(
        clip: String, isAvailable: Bool, reason: String?, duration: Double, startTime: Double, sampleRate: Int, channels: Int,
        container: String, codec: String, isTruncated: Bool, warnings: [String], features: MusicFeatures
    ) {
        self.clip = clip
        self.isAvailable = isAvailable
        self.reason = reason
        self.duration = duration
        self.startTime = startTime
        self.sampleRate = sampleRate
        self.channels = channels
        self.container = container
        self.codec = codec
        self.isTruncated = isTruncated
        self.warnings = warnings
        self.features = features
    }

    /// What is reported of a clip without audio.
    public static func unavailable(clip: String = "", reason: String) -> AudioReport {
        AudioReport(clip: clip, isAvailable: false, reason: reason, duration: 0, startTime: 0, sampleRate: 0, channels: 0,
                    container: "", codec: "", isTruncated: false, warnings: [],
                    features: MusicAnalyzer().analyze(AudioSamples(sampleRate: 44_100, channels: [])))
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        clip = try container.decode(String.self, forKey: .clip)
        isAvailable = try container.decode(Bool.self, forKey: .isAvailable)
        reason = try container.decodeIfPresent(String.self, forKey: .reason)
        duration = try container.decode(Double.self, forKey: .duration)
        startTime = try container.decode(Double.self, forKey: .startTime)
        sampleRate = try container.decode(Int.self, forKey: .sampleRate)
        channels = try container.decode(Int.self, forKey: .channels)
        self.container = try container.decode(String.self, forKey: .container)
        codec = try container.decode(String.self, forKey: .codec)
        isTruncated = try container.decode(Bool.self, forKey: .isTruncated)
        warnings = try container.decode([String].self, forKey: .warnings)
        features = try MusicFeatures(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(clip, forKey: .clip)
        try container.encode(isAvailable, forKey: .isAvailable)
        try container.encode(reason, forKey: .reason)
        try container.encode(duration, forKey: .duration)
        try container.encode(startTime, forKey: .startTime)
        try container.encode(sampleRate, forKey: .sampleRate)
        try container.encode(channels, forKey: .channels)
        try container.encode(self.container, forKey: .container)
        try container.encode(codec, forKey: .codec)
        try container.encode(isTruncated, forKey: .isTruncated)
        try container.encode(warnings, forKey: .warnings)
        try features.encode(to: encoder)
    }
}
