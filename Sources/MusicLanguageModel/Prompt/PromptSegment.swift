/// A part of a prompt. Each text is tokenised on its own, so that a template's tokens are the same around any input.
public enum PromptSegment: Hashable, Sendable {
    /// The token that begins a text.
    case beginning
    case text(String)
    /// The music's rows.
    case audio
}
