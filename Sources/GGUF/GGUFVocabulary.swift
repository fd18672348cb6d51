import MusicLanguageModel

/// A SentencePiece vocabulary as GGUF files hold it: every token's text, score and kind.
public struct GGUFVocabulary: Sendable, Hashable {
    /// SentencePiece's kinds; llama.cpp numbers them the same.
    public enum Kind: Int32, Sendable {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    public struct Token: Sendable, Hashable {
        public var text: String
        public var score: Float
        public var kind: Kind
    }

    /// By number.
    public private(set) var tokens: [Token]

    /// More than any model has.
    private static let mostTokens = 1 << 22

    /// - Parameters:
    ///   - model: the bytes of `tokenizer.model`.
    ///   - added: tokens beyond the model's, by number; numbers that the model has already are passed over.
    ///   - rows: the embeddings' rows: numbers without a token get one that is never used.
    /// - Throws: `ModelError.checkpoint` for what is no SentencePiece model, and when there are more tokens than rows.
    public init(model: [UInt8], added: [Int: String] = [:], rows: Int) throws(ModelError) {
        guard rows <= Self.mostTokens else { throw ModelError(code: .checkpoint, message: "a vocabulary of \(rows) tokens: \(Self.mostTokens) at most") }
        tokens = try Self.read(model)
        guard tokens.count <= rows else {
            throw ModelError(code: .checkpoint, message: "tokenizer.model has \(tokens.count) tokens, and the model's embeddings \(rows) rows: the tokenizer belongs to another model")
        }
        for number in tokens.count ..< rows {
            tokens.append(added[number].map { Token(text: $0, score: -1000, kind: .userDefined) } ?? Token(text: "[PAD\(number)]", score: -1000, kind: .unused))
        }
    }

    /// The first token that begins or ends a text, or stands for what is unknown, by its name.
    func number(of text: String) -> UInt32? { tokens.firstIndex { $0.text == text && ($0.kind == .control || $0.kind == .unknown) }.map { UInt32($0) } }

    /// `ModelProto.pieces` (field 1), each `SentencePiece { string piece = 1; float score = 2; Type type = 3; }` (sentencepiece_model.proto).
    private static func read(_ model: [UInt8]) throws(ModelError) -> [Token] {
        let damaged = ModelError(code: .checkpoint, message: "tokenizer.model is no SentencePiece model, or is damaged: copy it again")
        var tokens: [Token] = [], fields = ProtobufFields(model[...])
        while let field = fields.next() {
            guard field.number == 1 else { continue }
            guard let piece = field.bytes, tokens.count < mostTokens else { throw damaged }
            var token = Token(text: "", score: 0, kind: .normal), parts = ProtobufFields(piece)
            while let part = parts.next() {
                switch part.number {
                case 1:
                    guard let text = part.bytes, let text = String(validating: text, as: UTF8.self) else { throw damaged }
                    token.text = text
                case 2: token.score = part.float ?? 0
                case 3:
                    guard let kind = part.integer.flatMap({ Int32(exactly: $0) }).flatMap(Kind.init) else { throw damaged }
                    token.kind = kind
                default: break
                }
            }
            guard parts.isWhole else { throw damaged }
            tokens.append(token)
        }
        guard fields.isWhole, !tokens.isEmpty else { throw damaged }
        return tokens
    }
}
