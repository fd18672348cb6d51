import FleetModel
import Media

/// The recipe of the `audio` stage. What is left out of its JSON has the default value.
public struct AudioSettings: Codable, Sendable, Hashable {
    /// What lies behind so many seconds is not listened to.
    public var maximumSeconds = 600.0

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case maximumSeconds = "max_s"
    }

    public init(from decoder: any Decoder) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        maximumSeconds = try container.decodeIfPresent(Double.self, forKey: .maximumSeconds) ?? maximumSeconds
        try SettingsKeys.require((1...36_000).contains(maximumSeconds), "max_s", "1 to 36,000 seconds")
    }

    /// As the analysis takes them.
    var analysis: AudioAnalysisSettings {
        var settings = AudioAnalysisSettings()
        settings.limits.maximumDuration = .seconds(maximumSeconds)
        return settings
    }
}
