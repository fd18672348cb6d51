/// Output of `lyrics`: what the words are about, or why nothing is said of them.
public struct LyricsUnderstanding: Hashable, Sendable, Codable {
    public enum Status: String, Hashable, Sendable, Codable {
        /// `text` says what the lyrics are about.
        case ok
        /// The catalogue has no lyrics for the clip.
        case instrumental
        /// There are lyrics, and nothing here that understands them.
        case unavailable
    }

    public var status: Status
    /// Why there is no text; empty where there is one.
    public var reason: String
    public var text: String?
    public var source: CaptionSource
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(status: Status, reason: String, text: String? = nil, source: CaptionSource, quality: CaptionQuality? = nil) {
        self.status = status
        self.reason = reason
        self.text = text
        self.source = source
        self.quality = quality
    }
}
