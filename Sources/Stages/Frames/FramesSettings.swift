import FleetModel
import Media

/// The recipe of the `frames` stage. What is left out of its JSON has the default value.
public struct FramesSettings: Codable, Sendable, Hashable {
    /// Seconds between frames; the paper's two.
    public var intervalSeconds = 2.0
    /// Frames per clip; the paper's fifteen.
    public var count = 15
    /// Time of the first frame in seconds.
    public var offsetSeconds = 0.0
    /// Width of the JPEGs in pixels.
    public var width = 512
    /// libavcodec's quantiser: 1 (best) … 31.
    public var jpegQuantiser = 3
    /// What lies behind so many seconds is not looked at.
    public var maximumSeconds = 600.0
    /// Where in its stretch of the grid each frame is taken.
    public var align = FrameAlignment.grid
    /// Whether all frames are kept in one picture too, five a row.
    public var contactSheet = false
    /// Whether a static image ends the clip.
    public var filtersStatic = true

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case intervalSeconds = "interval_s", count, offsetSeconds = "offset_s", width, jpegQuantiser = "jpeg_quantiser", maximumSeconds = "max_s"
        case align, contactSheet = "contact_sheet", filtersStatic = "filters_static"
    }

    public init(from decoder: any Decoder) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        intervalSeconds = try container.decodeIfPresent(Double.self, forKey: .intervalSeconds) ?? intervalSeconds
        count = try container.decodeIfPresent(Int.self, forKey: .count) ?? count
        offsetSeconds = try container.decodeIfPresent(Double.self, forKey: .offsetSeconds) ?? offsetSeconds
        width = try container.decodeIfPresent(Int.self, forKey: .width) ?? width
        jpegQuantiser = try container.decodeIfPresent(Int.self, forKey: .jpegQuantiser) ?? jpegQuantiser
        maximumSeconds = try container.decodeIfPresent(Double.self, forKey: .maximumSeconds) ?? maximumSeconds
        if let name = try container.decodeIfPresent(String.self, forKey: .align) {
            align = FrameAlignment(rawValue: name) ?? align
            try SettingsKeys.require(align.rawValue == name, "align", FrameAlignment.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
        }
        contactSheet = try container.decodeIfPresent(Bool.self, forKey: .contactSheet) ?? contactSheet
        filtersStatic = try container.decodeIfPresent(Bool.self, forKey: .filtersStatic) ?? filtersStatic
        try SettingsKeys.require((0.04...600).contains(intervalSeconds), "interval_s", "0.04 to 600 seconds")
        try SettingsKeys.require((1...120).contains(count), "count", "1 to 120 frames")
        try SettingsKeys.require((0...36_000).contains(offsetSeconds), "offset_s", "0 to 36,000 seconds")
        try SettingsKeys.require((16...4096).contains(width), "width", "16 to 4,096 pixels")
        try SettingsKeys.require((1...31).contains(jpegQuantiser), "jpeg_quantiser", "1 to 31")
        try SettingsKeys.require((1...36_000).contains(maximumSeconds), "max_s", "1 to 36,000 seconds")
    }

    /// As the sampler takes them.
    ///
    /// - Parameter downbeats: seconds; asked for where frames are aligned to them.
    func sampling(downbeats: [Double]) -> FrameSamplingSettings {
        var settings = FrameSamplingSettings()
        settings.sampling.intervalSeconds = intervalSeconds
        settings.sampling.count = count
        settings.sampling.offsetSeconds = offsetSeconds
        settings.sampling.jpegWidth = width
        settings.sampling.jpegQuantiser = jpegQuantiser
        settings.sampling.includesContactSheet = contactSheet
        settings.isShotAware = align == .shots
        if align == .downbeats {
            settings.sampling.explicitTargets = FrameAlignment.onDownbeats(settings.sampling.targets, interval: intervalSeconds, downbeats: downbeats)
        }
        settings.limits.maximumDuration = .seconds(maximumSeconds)
        return settings
    }
}
