import SentencePiece

/// A token as other programs' model files hold it.
public struct VocabularyToken: Sendable, Hashable {
    public var text: String
    public var score: Float
    public var kind: PieceKind

    public init(text: String, score: Float, kind: PieceKind) {
        self.text = text
        self.score = score
        self.kind = kind
    }
}

extension Tokenizer {
    /// All tokens by their numbers: the model's pieces, then added tokens; numbers without a token get one that is never used.
    ///
    /// - rows: the embeddings' rows.
    /// - Throws: `ModelError.checkpoint` when there are more tokens than rows.
    public func vocabulary(rows: Int) throws(ModelError) -> [VocabularyToken] {
        guard vocabularySize <= rows else {
            throw ModelError(code: .checkpoint, message: "the tokenizer has \(vocabularySize) tokens, and the model's embeddings \(rows) rows: the tokenizer belongs to another model, or the rows of added tokens are missing")
        }
        return (0 ..< Int32(rows)).map { id in
            if let text = pieces.piece(id), let score = pieces.score(id), let kind = pieces.kind(id) { return VocabularyToken(text: text, score: score, kind: kind) }
            guard let text = content(id) else { return VocabularyToken(text: "[PAD\(id)]", score: -1000, kind: .unused) }
            return VocabularyToken(text: text, score: -1000, kind: special.contains(id) ? .control : .userDefined)
        }
    }
}
