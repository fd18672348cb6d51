import FleetModel
import Media

/// The recipe of the `audio` stage. What is left out of its JSON has the default value.
public struct AudioSettings: Codable, Sendable, Hashable {
    /// The longest recording that one request can be about, in seconds: six hours.
    public static let longest = 21_600.0
    /// Wall-clock seconds that each second of a recording may take: fifteen times what it takes alone on a core.
    private static let patience = 0.1

    /// What lies behind so many seconds is not listened to.
    public var maximumSeconds = 3_600.0
    /// Add the 88 functionals of eGeMAPS, which take three times as long as all else.
    public var includesVoice = false

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case maximumSeconds = "max_s", includesVoice = "egemaps"
    }

    public init(from decoder: any Decoder) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        maximumSeconds = try container.decodeIfPresent(Double.self, forKey: .maximumSeconds) ?? maximumSeconds
        includesVoice = try container.decodeIfPresent(Bool.self, forKey: .includesVoice) ?? includesVoice
        try SettingsKeys.require((1...Self.longest).contains(maximumSeconds), "max_s", "1 to 21,600 seconds, six hours; analyse what is longer in parts ('mvfleet analyze --start')")
    }

    /// Wall-clock time for one recording: two minutes and more.
    var timeLimit: Duration { .seconds(max(120, maximumSeconds * Self.patience)) }

    /// As the analysis takes them.
    var analysis: AudioAnalysisSettings {
        var settings = AudioAnalysisSettings(includesVoice: includesVoice)
        settings.limits.maximumDuration = .seconds(maximumSeconds)
        // It is analysed while it is decoded. No codec has more packets a second than its frames of 2.5 ms.
        settings.limits.deadline = max(settings.limits.deadline, timeLimit)
        settings.limits.maximumPackets = max(settings.limits.maximumPackets, Int(maximumSeconds * 400))
        settings.limits.maximumPacketsOfAllStreams = max(settings.limits.maximumPacketsOfAllStreams, Int(maximumSeconds * 1_600))
        return settings
    }
}
