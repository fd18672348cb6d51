/// Who wrote a text: `rules`, or the name of a model.
public typealias CaptionSource = String

extension CaptionSource {
    /// The deterministic captioner of this module.
    public static let rules = "rules"
}

/// Output of `music-caption`: what the music is like, in a few sentences.
public struct MusicCaption: Hashable, Sendable, Codable {
    public var text: String
    public var source: CaptionSource
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(text: String, source: CaptionSource, quality: CaptionQuality? = nil) {
        self.text = text
        self.source = source
        self.quality = quality
    }
}

/// Output of `unified-caption`: the music caption merged with tempo, key, metre, chords and energy (arXiv 2503.11190, Fig. 3).
public struct UnifiedCaption: Hashable, Sendable, Codable {
    public var text: String
    public var source: CaptionSource
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(text: String, source: CaptionSource, quality: CaptionQuality? = nil) {
        self.text = text
        self.source = source
        self.quality = quality
    }
}
