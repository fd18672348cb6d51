/// Text to a language model's tokens and back.
public protocol TextTokenizer: Sendable {
    /// The text's tokens, without one for the beginning or the end.
    func encode(_ text: String) -> [Int32]

    /// The tokens' text; what stands for no text (beginning, end, numbers outside of the vocabulary) is left out, and bytes that make no character become U+FFFD.
    func decode(_ tokens: [Int32]) -> String

    /// The token that begins a text (`<s>`).
    var beginning: Int32? { get }

    /// The token that ends a text (`</s>`).
    var end: Int32? { get }

    /// Tokens that were added to the vocabulary, as they are written: no text from outside may become one.
    var reserved: [String] { get }
}
