/// What is known of a clip, as far as it goes into the prompt. All texts come from outside.
public struct PromptInput: Hashable, Sendable {
    /// Whether the music goes in, as embeddings.
    public var hasMusic: Bool
    public var genres: [String]
    public var mvTypes: [String]
    /// What the lyrics are about; nil for an instrumental.
    public var lyricsUnderstanding: String?

    public init(hasMusic: Bool = false, genres: [String] = [], mvTypes: [String] = [], lyricsUnderstanding: String? = nil) {
        self.hasMusic = hasMusic
        self.genres = genres
        self.mvTypes = mvTypes
        self.lyricsUnderstanding = lyricsUnderstanding
    }

    /// Only what the switches let in.
    public func keeping(_ switches: InputSwitches) -> PromptInput {
        PromptInput(hasMusic: hasMusic && switches.contains(.music), genres: switches.contains(.genres) ? genres : [], mvTypes: switches.contains(.mvType) ? mvTypes : [],
                    lyricsUnderstanding: switches.contains(.lyrics) ? lyricsUnderstanding : nil)
    }

    /// The lines that follow the music, each ended by a line feed. What a clip does not have, has no line.
    func lines(of quoting: QuotedText) -> String {
        var lines = ""
        if !genres.isEmpty { lines += "Music genre tags: " + genres.map(quoting.tag).joined(separator: ", ") + "\n" }
        if !mvTypes.isEmpty { lines += "MV type tags: " + mvTypes.map(quoting.tag).joined(separator: ", ") + "\n" }
        if let lyricsUnderstanding, !lyricsUnderstanding.isEmpty { lines += "Lyrics understanding: " + quoting.text(lyricsUnderstanding) + "\n" }
        return lines
    }
}
