/// Puts pieces together to text, one after another: what has been given out is never changed, so that the parts joined are the text of all.
///
/// Bytes are held back until they make a character, or cannot.
public struct PieceDecoder: Sendable {
    private let tokenizer: SentencePieceTokenizer
    private let addsDummyPrefix: Bool
    private var bytes: [UInt8] = []
    private var isEmpty = true
    /// Whether the space before the text has been passed over.
    private var hasPassedSpace = false
    /// Whether the next piece is the first, whose space is passed over besides.
    private var stripsFirst: Bool

    /// - Parameters:
    ///   - stripsFirst: whether one space more is taken from the first piece, as transformers' slow LLaMA tokenizer does before it asks SentencePiece.
    ///   - addsDummyPrefix: whether a space was put before the text that is not part of it; the model's own habit by default.
    public init(_ tokenizer: SentencePieceTokenizer, stripsFirst: Bool = false, addsDummyPrefix: Bool? = nil) {
        self.tokenizer = tokenizer
        self.addsDummyPrefix = addsDummyPrefix ?? tokenizer.addsDummyPrefix
        self.stripsFirst = stripsFirst
    }

    /// The text that is certain with one piece more; often of several pieces, or of none.
    public mutating func append(_ id: Int32) -> String {
        let model = tokenizer.model
        guard model.pieces.indices.contains(Int(id)) else { return "" }
        let piece = model.pieces[Int(id)]
        defer { stripsFirst = false }
        if piece.kind == .byte, let value = model.bytePieces.firstIndex(of: id) {
            bytes.append(UInt8(value))
            return note(characters(isLast: false))
        }
        let before = note(characters(isLast: true))
        return before + note(text(piece))
    }

    /// What was held back.
    public mutating func finish() -> String { note(characters(isLast: true)) }

    private mutating func text(_ piece: SentencePieceModel.Piece) -> String {
        let model = tokenizer.model
        switch piece.kind {
        case .control: return ""
        case .unknown: return model.unknownSurface
        default: break
        }
        var text = piece.text
        if stripsFirst, text.starts(with: SentencePieceTokenizer.visibleSpace) {
            text = text.dropFirst(3)
            if text.isEmpty { return "" }
        }
        if isEmpty, !hasPassedSpace, addsDummyPrefix || model.removesExtraSpaces, text.starts(with: SentencePieceTokenizer.visibleSpace) {
            text = text.dropFirst(3)
            hasPassedSpace = !model.removesExtraSpaces
        }
        return Self.spaced(text)
    }

    private mutating func note(_ text: String) -> String {
        if !text.isEmpty { isEmpty = false }
        return text
    }

    /// What the bytes that were held back make.
    private mutating func characters(isLast: Bool) -> String {
        var result = ""
        while let first = bytes.first {
            let length = Self.length(first)
            let there = bytes.prefix(length)
            if length > 0, there.count == length, let character = String(validating: there, as: UTF8.self) {
                result += character
                bytes.removeFirst(length)
            } else if !isLast, length > 0, there.count < length, Self.canContinue(there) {
                break
            } else {
                result += "\u{FFFD}"
                bytes.removeFirst()
            }
        }
        return result
    }

    /// Bytes of the character that begins with this one; 0 where none does.
    private static func length(_ first: UInt8) -> Int {
        switch first {
        case 0 ..< 0x80: 1
        case 0xC2 ..< 0xE0: 2
        case 0xE0 ..< 0xF0: 3
        case 0xF0 ..< 0xF5: 4
        default: 0
        }
    }

    /// Whether more bytes can make a character of these.
    private static func canContinue(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }), let first = bytes.first else { return false }
        guard let second = bytes.dropFirst().first else { return true }
        switch first {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }

    /// By bytes: a mark that follows a space would make one character with it, which a string's own replacing passes over.
    private static func spaced(_ text: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var rest = text
        while let first = rest.first {
            let isSpace = rest.starts(with: SentencePieceTokenizer.visibleSpace)
            result.append(isSpace ? 0x20 : first)
            rest = rest.dropFirst(isSpace ? 3 : 1)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
