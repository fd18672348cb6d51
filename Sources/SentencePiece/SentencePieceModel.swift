import Glibc

/// A trained SentencePiece model (`tokenizer.model`): its pieces and its rules, checked.
struct SentencePieceModel: Sendable {
    enum Kind: UInt64 {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    struct Piece: Sendable {
        /// UTF-8, as it is compared: two strings that Swift holds to be equal may be two pieces.
        var text: ArraySlice<UInt8> = []
        var score: Float = 0
        var kind = Kind.normal
    }

    private static let mostBytes = 1 << 27
    private static let mostPieces = 1 << 22

    private(set) var pieces: [Piece] = []
    private(set) var unknown: Int32 = -1
    /// What an unknown piece is decoded as.
    private(set) var unknownSurface = " \u{2047} "
    private(set) var beginning: Int32?
    private(set) var end: Int32?
    private(set) var fallsBackToBytes = false
    private(set) var addsDummyPrefix = true
    private(set) var removesExtraSpaces = true
    private(set) var escapesSpaces = true
    /// Of the 256 bytes, the pieces; empty where the model has none.
    private(set) var bytePieces: [Int32] = []
    /// Pieces that text can become.
    private(set) var normalIDs: [ArraySlice<UInt8>: Int32] = [:]
    /// Pieces that stand for no text of their own.
    private(set) var reservedIDs: [ArraySlice<UInt8>: Int32] = [:]

    private var algorithm: UInt64 = 1
    private var putsSpacesLast = false
    private var hasCharacterMap = false
    private var beginningPiece = Array("<s>".utf8)[...]
    private var endPiece = Array("</s>".utf8)[...]

    init(path: String) throws(SentencePieceError) {
        guard let file = fopen(path, "rbe") else { throw SentencePieceError(code: .unreadable, message: "cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&block, 1, block.count, file), count > 0 {
            bytes.append(contentsOf: block[..<count])
            guard bytes.count <= Self.mostBytes else { throw SentencePieceError(code: .malformed, message: "\(path): more than \(Self.mostBytes) bytes are no tokenizer's model") }
        }
        guard ferror(file) == 0 else { throw SentencePieceError(code: .unreadable, message: "cannot read \(path): it is no plain file, or its disk fails") }
        try self.init(bytes, name: path)
    }

    /// - name: what errors call it.
    init(_ bytes: [UInt8], name: String) throws(SentencePieceError) {
        func malformed(_ message: String) -> SentencePieceError { SentencePieceError(code: .malformed, message: "\(name) is no SentencePiece model: \(message)") }
        func unsupported(_ message: String) -> SentencePieceError { SentencePieceError(code: .unsupported, message: "\(name): \(message)") }
        var reader = ProtobufReader(bytes[...])
        while let (field, value) = reader.next() {
            switch (field, value.bytes) {
            case (1, let piece?):
                guard let piece = Self.piece(piece), pieces.count < Self.mostPieces else { throw malformed("its piece \(pieces.count) does not fit") }
                pieces.append(piece)
            case (2, let specification?): guard readTrainer(specification) else { throw malformed("what it says of its training does not fit") }
            case (3, let specification?): guard readNormalizer(specification) else { throw malformed("what it says of normalisation does not fit") }
            case (1 ... 3, nil): throw malformed("its field \(field) does not fit")
            default: break
            }
        }
        guard !reader.isMalformed, !pieces.isEmpty else { throw malformed("it is cut off, or of another kind") }
        guard algorithm == 2 else {
            throw unsupported("it is a model of the kind \(["unigram", "", "word", "character"][Int(max(1, min(algorithm, 4))) - 1]), and byte-pair models are read: LLaMA and Vicuna have these")
        }
        guard !hasCharacterMap else { throw unsupported("it rewrites characters (\"nmt_nfkc\" or the like) before it cuts text into pieces, which is not supported: LLaMA and Vicuna leave them as they are (\"identity\")") }
        guard !putsSpacesLast else { throw unsupported("it puts spaces behind words, which is not supported") }
        if let problem = number() { throw malformed(problem) }
    }

    /// The piece of some text; the unknown one where there is none.
    func id(_ text: ArraySlice<UInt8>) -> Int32 { reservedIDs[text] ?? normalIDs[text] ?? unknown }

    /// Gives the pieces their numbers.
    ///
    /// - Returns: what does not fit.
    private mutating func number() -> String? {
        if fallsBackToBytes { bytePieces = [Int32](repeating: -1, count: 256) }
        for (index, piece) in pieces.enumerated() {
            let id = Int32(index), isText = [.normal, .userDefined, .unused].contains(piece.kind)
            guard !piece.text.isEmpty, piece.score.isFinite else { return "its piece \(index) is empty or has no score" }
            guard (isText ? normalIDs.updateValue(id, forKey: piece.text) : reservedIDs.updateValue(id, forKey: piece.text)) == nil else { return "its piece \(index) is there twice" }
            switch piece.kind {
            case .unknown:
                guard unknown < 0 else { return "it has two unknown pieces" }
                unknown = id
            case .byte:
                guard fallsBackToBytes, let byte = Self.byte(piece.text) else { return "its piece \(index) is no byte, or bytes are not to be used" }
                bytePieces[Int(byte)] = id
            default: break
            }
        }
        guard unknown >= 0 else { return "it has no unknown piece" }
        guard !bytePieces.contains(-1) else { return "it lacks pieces for some bytes" }
        beginning = reservedIDs[beginningPiece].flatMap { pieces[Int($0)].kind == .control ? $0 : nil }
        end = reservedIDs[endPiece].flatMap { pieces[Int($0)].kind == .control ? $0 : nil }
        return nil
    }

    private static func piece(_ bytes: ArraySlice<UInt8>) -> Piece? {
        var piece = Piece(), reader = ProtobufReader(bytes)
        while let (field, value) = reader.next() {
            switch field {
            case 1:
                guard let text = value.bytes, String(validating: text, as: UTF8.self) != nil else { return nil }
                piece.text = text
            case 2:
                guard let bits = value.number.flatMap({ UInt32(exactly: $0) }) else { return nil }
                piece.score = Float(bitPattern: bits)
            case 3:
                guard let kind = value.number.flatMap(Kind.init(rawValue:)) else { return nil }
                piece.kind = kind
            default: break
            }
        }
        return reader.isMalformed ? nil : piece
    }

    private mutating func readTrainer(_ bytes: ArraySlice<UInt8>) -> Bool {
        var reader = ProtobufReader(bytes)
        while let (field, value) = reader.next() {
            switch (field, value) {
            case (3, .number(let number)): algorithm = number
            case (24, .number(let number)): putsSpacesLast = number != 0
            case (35, .number(let number)): fallsBackToBytes = number != 0
            case (44, .bytes(let text)): unknownSurface = String(decoding: text, as: UTF8.self)
            case (46, .bytes(let text)): beginningPiece = text
            case (47, .bytes(let text)): endPiece = text
            default: break
            }
        }
        return !reader.isMalformed
    }

    private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>) -> Bool {
        var reader = ProtobufReader(bytes)
        while let (field, value) = reader.next() {
            switch (field, value) {
            case (2, .bytes(let map)): hasCharacterMap = !map.isEmpty
            case (3, .number(let number)): addsDummyPrefix = number != 0
            case (4, .number(let number)): removesExtraSpaces = number != 0
            case (5, .number(let number)): escapesSpaces = number != 0
            default: break
            }
        }
        return !reader.isMalformed
    }

    /// `<0x0A>`.
    private static func byte(_ text: ArraySlice<UInt8>) -> UInt8? {
        let text = String(decoding: text, as: UTF8.self)
        guard text.utf8.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">") else { return nil }
        return UInt8(text.dropFirst(3).dropLast(), radix: 16)
    }
}
