/// A SentencePiece model file, made for a test.
struct ModelFile {
    enum Kind: UInt8 {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    private var pieces: [UInt8] = []
    var trainer: [UInt8] = [3 << 3, 2]
    var normalizer: [UInt8] = [3 << 3, 1, 4 << 3, 0]

    /// `<unk>`, `<s>`, `</s>`, then bytes where they are wanted.
    init(bytes: Bool = false) {
        add("<unk>", 0, .unknown)
        add("<s>", 0, .control)
        add("</s>", 0, .control)
        guard bytes else { return }
        trainer += Self.varint(35 << 3) + [1]
        for byte in 0 ..< 256 { add("<0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) + ">", 0, .byte) }
    }

    mutating func add(_ text: String, _ score: Float, _ kind: Kind = .normal) {
        let bits = score.bitPattern
        let message = Self.field(1, Array(text.utf8)) + [2 << 3 | 5] + (0 ..< 4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } + [3 << 3, kind.rawValue]
        pieces += Self.field(1, message)
    }

    var bytes: [UInt8] { pieces + Self.field(2, trainer) + Self.field(3, normalizer) }

    static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] { varint(number << 3 | 2) + varint(content.count) + content }

    static func varint(_ value: Int) -> [UInt8] {
        var (result, rest): ([UInt8], Int) = ([], value)
        while rest > 0x7F { (result, rest) = (result + [UInt8(rest & 0x7F | 0x80)], rest >> 7) }
        return result + [UInt8(rest)]
    }
}
