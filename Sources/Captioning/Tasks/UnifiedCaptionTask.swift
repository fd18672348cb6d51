/// The music caption and the measured facts in one text (arXiv 2503.11190, Fig. 3).
public struct UnifiedCaptionTask: ParagraphTask {
    public static let stage = CaptionStage.unifiedCaption
    public static let answerName = "unified_caption"
    public static let member = "caption"
    public static let words = DescriptionChecks.unifiedCaptionWords

    /// Characters of the caption that are shown.
    private static let captionLimit = 4000

    public let prompt: PromptTemplate
    private let caption: MusicCaption
    private let music: MusicFacts
    private let seed: String
    private let checks: DescriptionChecks

    public init(prompt: PromptTemplate, caption: MusicCaption, music: MusicFacts, source: SourceFacts = SourceFacts(), forbiddenNames: [String] = [], seed: String) {
        self.prompt = prompt
        self.caption = caption
        self.music = music
        self.seed = seed
        checks = DescriptionChecks(music: music, visual: VisualFacts(duration: music.duration, frames: []), source: source, forbiddenNames: forbiddenNames)
    }

    /// Nothing was measured of a clip that is not heard.
    public var settled: UnifiedCaption? { music.isAudible ? nil : RuleCaptioner(seed: seed).unifiedCaption(caption, music: music) }

    public var facts: PromptFacts {
        PromptFacts(["caption": .data(UntrustedText(caption.text, limit: Self.captionLimit))]).merging(.music(music))
    }

    public func faults(in text: String) -> [Violation] { checks.violations(inMusicText: text, place: Self.member, words: Self.words) }

    public func answer(_ draft: TextDraft, source: CaptionSource, quality: CaptionQuality) -> UnifiedCaption {
        UnifiedCaption(text: draft.text, source: source, quality: quality)
    }

    public func ruled(_ quality: CaptionQuality) -> UnifiedCaption {
        var unified = RuleCaptioner(seed: seed).unifiedCaption(caption, music: music)
        unified.quality = quality
        return unified
    }
}
