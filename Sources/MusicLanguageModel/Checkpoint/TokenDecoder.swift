import SentencePiece

/// Tokens to text as they come: the parts joined are exactly what `Tokenizer.decode(_:)` gives of all tokens at once. Special tokens are
/// left out; a character that several tokens hold in bytes comes with the last of them.
public struct TokenDecoder: Sendable {
    private let tokenizer: Tokenizer
    /// Of the text since the last added token; nil where there is none yet.
    private var text: PieceDecoder?
    /// Whether something has been given out, which an added token's space keeps apart.
    private var hasParts = false
    private var isTextEmpty = true

    public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// - Returns: the text that is certain with one token more.
    public mutating func append(_ token: Int32) -> String {
        guard !tokenizer.special.contains(token) else { return "" }
        if let content = tokenizer.content(token) {
            let before = finish()
            // The space between; an empty text has had it already.
            let space = text == nil ? hasParts : !isTextEmpty
            (text, hasParts) = (nil, true)
            return before + (space ? " " : "") + content
        }
        guard token >= 0, token < tokenizer.pieces.vocabularySize else { return "" }
        var result = ""
        if text == nil {
            // As transformers joins what stands between added tokens: with a space, which is there also where the text is empty and the last.
            if hasParts { result = " " }
            text = PieceDecoder(tokenizer.pieces, stripsFirst: tokenizer.added.addsPrefixSpace, addsDummyPrefix: tokenizer.isLegacy ? nil : false)
            isTextEmpty = true
        }
        return result + note(text?.append(token) ?? "")
    }

    /// What was held back.
    public mutating func finish() -> String { note(text?.finish() ?? "") }

    private mutating func note(_ new: String) -> String {
        if !new.isEmpty { isTextEmpty = false }
        return new
    }
}
