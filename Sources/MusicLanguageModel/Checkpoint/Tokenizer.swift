import SentencePiece

/// Text to a LLaMA's tokens and back, token for token as transformers' slow `LlamaTokenizer`: SentencePiece, with the added tokens cut out
/// before. `legacy` of `tokenizer_config.json` is followed: with it (the default, and what NExT-GPT and DeepResonance were trained with), text
/// after an added token gets a space of its own.
public struct Tokenizer: TextTokenizer {
    let pieces: SentencePieceTokenizer
    let added: AddedTokens
    private let scanner: AddedTokenScanner
    private let contents: [Int32: String]
    /// Special tokens' numbers.
    let special: Set<Int32>
    /// Pieces that read like an added token of another number, which they become.
    private let renumbered: [Int32: Int32]
    /// Pieces of `<unk>` as mere text.
    private let unknownLength: Int

    /// - Parameters:
    ///   - directory: with `tokenizer.model`; `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and `tokenizer.json` say which tokens were added.
    ///   - isLegacy: nil: as `tokenizer_config.json` says.
    /// - Throws: `ModelError.checkpoint` for a model that is missing or of another kind.
    public init(directory: String, isLegacy: Bool? = nil) throws(ModelError) {
        let pieces: SentencePieceTokenizer
        do throws(SentencePieceError) {
            pieces = try SentencePieceTokenizer(path: directory + "/tokenizer.model")
        } catch { throw ModelError(code: .checkpoint, message: "\(error.message); a LLaMA's tokenizer.model is needed, as it is published beside its weights", cause: error) }
        func piece(_ text: String) -> Int32? {
            let id = pieces.id(text)
            return id != pieces.unknown || pieces.piece(id) == text ? id : nil
        }
        added = try AddedTokens(directory: directory, pieces: pieces.vocabularySize, piece: piece)
        self.pieces = pieces
        self.isLegacy = isLegacy ?? added.isLegacy
        scanner = AddedTokenScanner(added.tokens)
        contents = Dictionary(added.tokens.map { ($0.id, $0.content) }, uniquingKeysWith: { $1 })
        let special = added.special
        self.special = Set(added.tokens.filter { special.contains($0.content) }.map(\.id))
        renumbered = Dictionary(added.tokens.compactMap { token in piece(token.content).flatMap { $0 == token.id ? nil : ($0, token.id) } }, uniquingKeysWith: { $1 })
        unknownLength = pieces.encode(added.unknown, addsDummyPrefix: false).count
    }

    /// Whether each text between added tokens gets a space before it.
    public let isLegacy: Bool

    /// One more than the largest token's number.
    public var vocabularySize: Int { max(pieces.vocabularySize, Int(added.tokens.last?.id ?? -1) + 1) }
    public var beginning: Int32? { id(of: added.beginning) }
    public var end: Int32? { id(of: added.end) }
    public var reserved: [String] { added.tokens.map(\.content) }

    /// The number of an added token, or of a piece; nil where there is none.
    public func id(of token: String) -> Int32? {
        if let token = added.tokens.first(where: { $0.content == token }) { return token.id }
        let id = pieces.id(token)
        return id == pieces.unknown && pieces.piece(id) != token ? nil : id
    }

    public func encode(_ text: String) -> [Int32] {
        if isLegacy || text.isEmpty { return cut(text) }
        let spaced = text.unicodeScalars.map { $0 == "\u{2581}" ? " " : String($0) }.joined()
        let ids = cut(added.addsPrefixSpace ? "\u{2581}" + spaced : spaced)
        return ids.count > 1 && pieces.piece(ids[0]) == "\u{2581}" && special.contains(ids[1]) ? Array(ids.dropFirst()) : ids
    }

    /// The text of all tokens but the special ones, as `decode(…, skip_special_tokens=True)` gives it.
    public func decode(_ tokens: [Int32]) -> String {
        var decoder = TokenDecoder(self)
        return tokens.map { decoder.append($0) }.joined() + decoder.finish()
    }

    /// The text of an added token.
    func content(_ id: Int32) -> String? { contents[id] }

    private func cut(_ text: String) -> [Int32] {
        scanner.split(text).flatMap { part -> [Int32] in
            switch part {
            case .token(let id): [id]
            case .text(let text): plain(text).map { renumbered[$0] ?? $0 }
            }
        }
    }

    /// Text without added tokens.
    private func plain(_ text: String) -> [Int32] {
        if isLegacy { return pieces.encode(text) }
        guard let first = text.unicodeScalars.first, first == "\u{2581}" || first == " " else { return pieces.encode(text, addsDummyPrefix: false) }
        // SentencePiece would take the first space away where it adds none: something stands before it meanwhile, as transformers does it.
        let ids = pieces.encode(added.unknown + text, addsDummyPrefix: false)
        return ids.count >= unknownLength ? Array(ids.dropFirst(unknownLength)) : ids
    }
}
