/// What is known of a clip's lyrics. The lyrics themselves are never part of a dataset.
public enum LyricsUnderstanding: Hashable, Sendable {
    /// A text about the lyrics.
    case understood(String)
    /// The clip has no lyrics.
    case instrumental
    /// There are lyrics, but nothing could say what they are about; the reason.
    case unavailable(reason: String)

    /// `understood`, `instrumental` or `unavailable`.
    public var status: String {
        switch self {
        case .understood: "understood"
        case .instrumental: "instrumental"
        case .unavailable: "unavailable"
        }
    }

    /// The text; empty unless understood.
    public var text: String {
        if case .understood(let text) = self { text } else { "" }
    }

    /// Why there is none; empty unless unavailable.
    public var reason: String {
        if case .unavailable(let reason) = self { reason } else { "" }
    }
}
