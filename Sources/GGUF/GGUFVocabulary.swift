import MusicLanguageModel
import SentencePiece

/// A SentencePiece vocabulary as GGUF files hold it: every token's text, score and kind, which llama.cpp numbers as SentencePiece does.
public struct GGUFVocabulary: Sendable, Hashable {
    /// By number: as many as the embeddings have rows.
    public var tokens: [VocabularyToken]
    /// The tokens that begin and end a text.
    public var beginning: Int32?
    public var end: Int32?

    public init(tokens: [VocabularyToken], beginning: Int32? = nil, end: Int32? = nil) {
        self.tokens = tokens
        self.beginning = beginning
        self.end = end
    }

    /// - rows: the embeddings' rows.
    /// - Throws: `ModelError.checkpoint` when there are more tokens than rows.
    public init(_ tokenizer: Tokenizer, rows: Int) throws(ModelError) {
        self.init(tokens: try tokenizer.vocabulary(rows: rows), beginning: tokenizer.beginning, end: tokenizer.end)
    }

    var unknown: Int32? { tokens.firstIndex { $0.kind == .unknown }.map { Int32($0) } }
}
