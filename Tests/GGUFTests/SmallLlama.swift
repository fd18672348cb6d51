import GGUF
import MusicLanguageModel
import SentencePiece

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

    static let vocabulary = GGUFVocabulary(tokens: [
        VocabularyToken(text: "<unk>", score: 0, kind: .unknown), VocabularyToken(text: "<s>", score: 0, kind: .control), VocabularyToken(text: "</s>", score: 0, kind: .control),
        VocabularyToken(text: "<0x0A>", score: 0, kind: .byte), VocabularyToken(text: "▁a", score: -1.5, kind: .normal), VocabularyToken(text: "<Aud>", score: -1000, kind: .userDefined),
        VocabularyToken(text: "[PAD6]", score: -1000, kind: .unused),
    ], beginning: 1, end: 2)
}

/// The tensors of another model than the configuration's.
struct MisdescribedLlama: LlamaTensors {
    var configuration: LlamaConfiguration

    func rows(_ rows: Range<Int>, of name: String) throws -> [Float] { try SmallLlama().rows(rows, of: name) }

    func adapter(of name: String) throws -> LowRankAdapter? { nil }
}
