/// What the lyrics are about, in words that are not theirs.
public struct LyricsTask: ParagraphTask {
    public static let stage = CaptionStage.lyrics
    public static let answerName = "lyrics_understanding"
    public static let member = "summary"
    public static let words = DescriptionChecks.lyricsWords

    /// Characters of the lyrics that are shown: the longest songs have about as many.
    private static let lyricsLimit = 6000

    public let prompt: PromptTemplate
    private let lyrics: String?
    private let source: SourceFacts
    private let seed: String
    private let checks: DescriptionChecks

    public init(prompt: PromptTemplate, lyrics: String?, source: SourceFacts = SourceFacts(), forbiddenNames: [String] = [], seed: String) {
        self.prompt = prompt
        self.lyrics = lyrics
        self.source = source
        self.seed = seed
        checks = DescriptionChecks(music: .unavailable, visual: VisualFacts(duration: 0, frames: []), source: source, forbiddenNames: forbiddenNames, lyrics: lyrics)
    }

    /// A clip without lyrics is instrumental.
    public var settled: LyricsUnderstanding? {
        let ruled = RuleCaptioner(seed: seed).lyrics(lyrics)
        return ruled.status == .instrumental ? ruled : nil
    }

    public var facts: PromptFacts {
        PromptFacts(["lyrics": .data(UntrustedText(lyrics ?? "", limit: Self.lyricsLimit)),
                     "language": .text(CatalogueVocabulary.language(of: source) ?? "")])
    }

    public func faults(in text: String) -> [Violation] { checks.violations(inLyricsText: text, place: Self.member) }

    public func answer(_ draft: TextDraft, source: CaptionSource, quality: CaptionQuality) -> LyricsUnderstanding {
        LyricsUnderstanding(status: .ok, reason: "", text: draft.text, source: source, quality: quality)
    }

    public func ruled(_ quality: CaptionQuality) -> LyricsUnderstanding {
        LyricsUnderstanding(status: .unavailable, reason: "lyrics are understood by a language model, and no answer of it held", source: .rules, quality: quality)
    }
}
