/// Cuts text into the pieces of a byte-pair SentencePiece model, and puts it together again, as the reference implementation does
/// (github.com/google/sentencepiece, model type BPE with or without byte fallback; LLaMA's and Vicuna's `tokenizer.model`).
///
/// Written here, and not taken from the C++ library: that one reads out of bounds on hostile model files (of 2,000 with a random character
/// map, Debian's 0.1.97 crashed on 1,477), and what LLaMA needs of it is small.
public final class SentencePieceTokenizer: Sendable {
    let model: SentencePieceModel
    private let userDefined: UserDefinedPieces

    /// - Throws: `SentencePieceError` for what cannot be read, is no model, or is one of another kind (unigram; with a character map).
    public init(path: String) throws(SentencePieceError) {
        model = try SentencePieceModel(path: path)
        userDefined = UserDefinedPieces(model)
    }

    /// A model's bytes.
    ///
    /// - name: what errors call it.
    public init(bytes: [UInt8], name: String) throws(SentencePieceError) {
        model = try SentencePieceModel(bytes, name: name)
        userDefined = UserDefinedPieces(model)
    }

    public var vocabularySize: Int { model.pieces.count }
    /// `<unk>`.
    public var unknown: Int32 { model.unknown }
    /// `<s>`; nil where the model has none.
    public var beginning: Int32? { model.beginning }
    /// `</s>`; nil where the model has none.
    public var end: Int32? { model.end }
    /// Whether the model puts a space before a text.
    public var addsDummyPrefix: Bool { model.addsDummyPrefix }

    /// A piece's text, spaces shown as `▁`; nil for a number outside of the vocabulary.
    public func piece(_ id: Int32) -> String? {
        model.pieces.indices.contains(Int(id)) ? String(decoding: model.pieces[Int(id)].text, as: UTF8.self) : nil
    }

    /// The number of a piece; the unknown one's where there is none.
    public func id(_ piece: String) -> Int32 { model.id(Array(piece.utf8)[...]) }

    /// Whether a number stands for no text: the beginning, the end and the like.
    public func isControl(_ id: Int32) -> Bool { model.pieces.indices.contains(Int(id)) && model.pieces[Int(id)].kind == .control }

    /// The text's pieces.
    ///
    /// - addsDummyPrefix: whether a space is put before it; the model's own habit by default.
    public func encode(_ text: String, addsDummyPrefix: Bool? = nil) -> [Int32] {
        let symbols = BytePairSegmentation(normalized(text, addsDummyPrefix ?? model.addsDummyPrefix), model, userDefined).symbols
        var result: [Int32] = []
        var followsUnknown = false
        for symbol in symbols {
            let id = model.id(symbol)
            let isUnknown = id == model.unknown
            if isUnknown, model.fallsBackToBytes {
                result.append(contentsOf: symbol.map { model.bytePieces[Int($0)] })
            } else if !(isUnknown && followsUnknown) { // A run of unknown characters is one unknown piece.
                result.append(id)
            }
            followsUnknown = isUnknown
        }
        return result
    }

    /// The pieces' text; numbers outside of the vocabulary are passed over, and bytes that make no character become U+FFFD.
    public func decode(_ ids: [Int32]) -> String {
        var decoder = PieceDecoder(self)
        return ids.map { decoder.append($0) }.joined() + decoder.finish()
    }

    /// Spaces as the model wants them; characters are left as they are.
    private func normalized(_ text: String, _ addsDummyPrefix: Bool) -> [UInt8] {
        let space = model.escapesSpaces ? Self.visibleSpace : [0x20]
        var input = Array(text.utf8)[...]
        if model.removesExtraSpaces { input = input.drop { $0 == 0x20 } }
        guard !input.isEmpty else { return [] }
        var result = addsDummyPrefix ? space : []
        result.reserveCapacity(input.count + 8)
        var followsSpace = model.removesExtraSpaces
        while !input.isEmpty {
            let length = userDefined.longestPrefix(of: input) ?? 1
            // A piece of the user's own is kept whole, but for spaces that follow a space.
            for byte in input.prefix(length) {
                if byte == 0x20 {
                    if !followsSpace { result += space }
                } else { result.append(byte) }
                followsSpace = model.removesExtraSpaces && (byte == 0x20)
            }
            input = input.dropFirst(length)
        }
        while model.removesExtraSpaces, result.suffix(space.count) == space[...] { result.removeLast(space.count) }
        return result
    }

    /// U+2581.
    static let visibleSpace: [UInt8] = [0xE2, 0x96, 0x81]
}
