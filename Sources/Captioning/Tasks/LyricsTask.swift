/// What the lyrics are about, in words that are not theirs.
public struct LyricsTask: CaptionTask {
    public static let stage = CaptionStage.lyrics

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

    public func form(frames: [Int]?) -> AnswerForm { AnswerForm(name: "lyrics_understanding", members: [.init("summary", .string)]) }

    public func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> TextDraft { try TextDraft(answer, member: "summary") }

    public func tidied(_ draft: TextDraft) -> TextDraft {
        let range = DescriptionChecks.lyricsWords
        let text = Prose.grounded(Prose.paragraph(draft.text), in: range) { text in
            checks.violations(inLyricsText: text, place: "summary").filter { $0.rule != .words }
        }
        return TextDraft(text: Prose.shortened(text, to: range))
    }

    public func violations(in draft: TextDraft) -> [Violation] { checks.violations(inLyricsText: draft.text, place: "summary") }

    public func answer(_ draft: TextDraft, source: CaptionSource, quality: CaptionQuality) -> LyricsUnderstanding {
        LyricsUnderstanding(status: .ok, reason: "", text: draft.text, source: source, quality: quality)
    }

    public func ruled(_ quality: CaptionQuality) -> LyricsUnderstanding {
        LyricsUnderstanding(status: .unavailable, reason: "lyrics are understood by a language model, and no answer of it held", source: .rules, quality: quality)
    }
}
