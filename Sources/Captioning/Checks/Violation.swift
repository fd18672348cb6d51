/// One thing wrong with a text, in words that a writer (or a model that is asked again) can act on.
public struct Violation: Hashable, Sendable, Codable {
    public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        /// Frames are not exactly 1…n in order, or their times do not follow one another.
        case frames = "frames"
        case mvTypes = "mv_types"
        case words = "words"
        case nearDuplicate = "near_duplicate"
        case refusal = "refusal"
        /// A title or a name of an artist or an album stands in the text.
        case name = "name"
        case tempo = "tempo"
        case metre = "metre"
        case key = "key"
        case chord = "chord"
        case number = "number"
        /// A claim of synchrony that no flag bears out.
        case sync = "sync"
        /// Something that is no text: control characters, JSON, markup.
        case form = "form"
        /// Not in English.
        case language = "language"
        /// Six words or more in a row of the lyrics.
        case quote = "quote"
        /// The answer ends before its end.
        case cut = "cut"
        /// White space or text without an end.
        case flood = "flood"
        /// The answer is no JSON of the form that was asked for.
        case json = "json"
        /// There is no answer at all.
        case unanswered = "unanswered"
    }

    public var rule: Rule
    /// `overview`, `frame 3`, `frame 3 title`, …
    public var place: String
    public var message: String

    public init(_ rule: Rule, _ place: String, _ message: String) {
        self.rule = rule
        self.place = place
        self.message = message
    }
}
