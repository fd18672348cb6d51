import MusicLanguageModel

/// Token 2 ends; the others are pieces of text, some of them bytes of one character.
struct LetterTokenizer: TextTokenizer {
    static let vocabulary = 61
    var beginning: Int32? { 1 }
    var end: Int32?
    var reserved: [String] { [] }

    init(end: Int32? = 2) { self.end = end }

    static let pieces: [[UInt8]] = {
        let letters = (UInt8(ascii: "a") ... UInt8(ascii: "z")).map { [$0] } + (UInt8(ascii: "a") ... UInt8(ascii: "z")).map { [32, $0] }
        return [[], [], []] + letters + ["\n", "#", "##", "é", " 音"].map { Array($0.utf8) } + [[0xc3]]
    }()

    func encode(_ text: String) -> [Int32] { text.utf8.compactMap { byte in Self.pieces.firstIndex(of: [byte]).map { Int32($0) } } }

    func decode(_ tokens: [Int32]) -> String {
        let text = String(decoding: tokens.flatMap { Self.pieces[Int($0)] }, as: UTF8.self)
        return text.first == " " ? String(text.dropFirst()) : text
    }
}

/// A small random model, sharp enough that its answers differ.
enum SmallModel {
    static let configuration = LlamaConfiguration(hidden: 48, intermediate: 80, layers: 2, heads: 6, keyValueHeads: 2, headDimension: 20, epsilon: 1e-5,
                                                  vocabulary: LetterTokenizer.vocabulary, contextLength: 1 << 20)

    static let tensors = RandomLlamaTensors(configuration, seed: 7, deviation: 0.3) { name in
        guard name.contains("v_proj") || name.contains("gate_proj") else { return nil }
        let outputs = name.contains("v_proj") ? configuration.keyValueWidth : configuration.intermediate
        func wave(_ count: Int, _ size: Float) -> [Float] { (0 ..< count).map { size * Float(($0 * 7919 + name.utf8.count * 31) % 101 - 50) / 50 } }
        return LowRankAdapter(rank: 3, scale: 0.5, a: wave(3 * configuration.hidden, 0.3), b: wave(outputs * 3, 0.5))
    }

    static func request(_ number: Int, tokens: Int = 40, prompt: Int? = nil, stop: [String] = [], sampling: SamplingSettings = .greedy, usesAdapters: Bool = true) -> GenerationRequest {
        let count = (prompt ?? 1 + number * 13 % 50) * configuration.hidden
        let values = (0 ..< count).map { Float(($0 * (number + 3) * 2654435761) % 1009) / 504.5 - 1 }
        return GenerationRequest(prompt: PromptEmbeddings(hidden: configuration.hidden, values: values), maximumTokens: tokens, stop: stop, sampling: sampling, usesAdapters: usesAdapters)
    }
}
