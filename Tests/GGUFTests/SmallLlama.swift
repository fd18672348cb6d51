import GGUF
import MusicLanguageModel

/// A LLaMA of made-up numbers with grouped queries: each number says which row and column it is of.
struct SmallLlama: LlamaTensors {
    var configuration = LlamaConfiguration(hidden: 32, intermediate: 48, layers: 2, heads: 4, keyValueHeads: 2, headDimension: 8, epsilon: 1e-5, ropeTheta: 5e5, vocabulary: 7, contextLength: 64)
    var adapters: [String: LowRankAdapter] = [:]

    func columns(_ name: String) -> Int {
        if name.hasSuffix("norm.weight") { return 1 }
        return name.contains("down_proj") ? configuration.intermediate : configuration.hidden
    }

    static func value(_ row: Int, _ column: Int) -> Float { Float(row) + Float(column) / 64 }

    func rows(_ rows: Range<Int>, of name: String) throws -> [Float] { rows.flatMap { row in (0 ..< columns(name)).map { Self.value(row, $0) } } }

    func adapter(of name: String) throws -> LowRankAdapter? { adapters[name] }

    /// A SentencePiece model of five tokens.
    static let tokenizer: [UInt8] = {
        func field(_ bytes: [UInt8]) -> [UInt8] { [0x0A, UInt8(bytes.count)] + bytes }
        func piece(_ text: String, _ score: Float, _ kind: UInt8) -> [UInt8] {
            field(field(Array(text.utf8)) + [0x15] + withUnsafeBytes(of: score.bitPattern.littleEndian) { Array($0) } + [0x18, kind])
        }
        return piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + piece("<0x0A>", 0, 6) + piece("▁a", -1.5, 1) + [0x12, 2, 0x18, 1]
    }()
}

/// The tensors of another model than the configuration's.
struct MisdescribedLlama: LlamaTensors {
    var configuration: LlamaConfiguration

    func rows(_ rows: Range<Int>, of name: String) throws -> [Float] { try SmallLlama().rows(rows, of: name) }

    func adapter(of name: String) throws -> LowRankAdapter? { nil }
}
