/// A caption of the music for a model that hears it, or for one that reads what was measured.
public struct MusicCaptionTask: ParagraphTask {
    public static let stage = CaptionStage.musicCaption
    public static let answerName = "music_caption"
    public static let member = "caption"
    public static let words = DescriptionChecks.musicCaptionWords

    public let prompt: PromptTemplate
    private let music: MusicFacts
    private let source: SourceFacts
    private let hasAudio: Bool
    private let seed: String
    private let checks: DescriptionChecks

    /// - Parameters:
    ///   - hasAudio: whether the request carries the clip's sound.
    ///   - forbiddenNames: the clip's title, artist and album.
    ///   - seed: of the rules; see ``RuleCaptioner/init(seed:)``.
    public init(prompt: PromptTemplate, music: MusicFacts, source: SourceFacts, hasAudio: Bool, forbiddenNames: [String] = [], seed: String) {
        self.prompt = prompt
        self.music = music
        self.source = source
        self.hasAudio = hasAudio
        self.seed = seed
        checks = DescriptionChecks(music: music, visual: VisualFacts(duration: music.duration, frames: []), source: source, forbiddenNames: forbiddenNames)
    }

    /// Of a clip without sound, or a silent one, the rules say all there is.
    public var settled: MusicCaption? { music.isAudible ? nil : RuleCaptioner(seed: seed).musicCaption(music, source: source) }

    public var facts: PromptFacts {
        PromptFacts(["has_audio": .flag(hasAudio), "audio": .media(.audio)]).merging(.music(music)).merging(.catalogue(source))
    }

    public func faults(in text: String) -> [Violation] { checks.violations(inMusicText: text, place: Self.member, words: Self.words) }

    public func answer(_ draft: TextDraft, source: CaptionSource, quality: CaptionQuality) -> MusicCaption {
        MusicCaption(text: draft.text, source: source, quality: quality)
    }

    public func ruled(_ quality: CaptionQuality) -> MusicCaption {
        var caption = RuleCaptioner(seed: seed).musicCaption(music, source: source)
        caption.quality = quality
        return caption
    }
}
