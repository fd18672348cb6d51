import Foundation
import GGUF
import LibLlama
import MusicLanguageModel
import SentencePiece

/// Every token but the first three is a letter.
struct LetterTokenizer: TextTokenizer {
    var beginning: Int32? { 1 }
    var end: Int32? { nil }
    var reserved: [String] { [] }

    func encode(_ text: String) -> [Int32] { text.unicodeScalars.map { Int32($0.value) - 94 } }
    func decode(_ tokens: [Int32]) -> String { String(String.UnicodeScalarView(tokens.filter { $0 > 2 }.compactMap { Unicode.Scalar(UInt32($0) + 94) })) }
}

/// A small random LLaMA with grouped queries and adapters, sharp enough that its answers differ.
enum SmallModel {
    static let configuration = LlamaConfiguration(hidden: 64, intermediate: 96, layers: 2, heads: 4, keyValueHeads: 2, headDimension: 24, epsilon: 1e-5, vocabulary: 60, contextLength: 1 << 16)

    static let tensors = RandomLlamaTensors(configuration, seed: 11, deviation: 0.3) { name in
        guard name.contains("q_proj") || name.contains("down_proj") else { return nil }
        let outputs = name.contains("q_proj") ? configuration.queryWidth : configuration.hidden, inputs = name.contains("q_proj") ? configuration.hidden : configuration.intermediate
        func wave(_ count: Int, _ size: Float) -> [Float] { (0 ..< count).map { size * Float(($0 * 7919 + name.utf8.count * 31) % 101 - 50) / 50 } }
        return LowRankAdapter(rank: 3, scale: 0.5, a: wave(3 * inputs, 0.3), b: wave(outputs * 3, 0.5))
    }

    static let vocabulary = GGUFVocabulary(tokens: (0 ..< configuration.vocabulary).map { number in
        VocabularyToken(text: number < 3 ? ["<unk>", "<s>", "</s>"][number] : String(Unicode.Scalar(UInt8(94 + number))), score: -Float(number), kind: [.unknown, .control, .control][safe: number] ?? .normal)
    }, beginning: 1, end: 2)

    static func request(_ number: Int, tokens: Int = 40, stop: [String] = [], sampling: SamplingSettings = .greedy, usesAdapters: Bool = true) -> GenerationRequest {
        let count = (3 + number * 13 % 50) * configuration.hidden
        let values = (0 ..< count).map { Float(($0 * (number + 3) * 2_654_435_761) % 1009) / 504.5 - 1 }
        return GenerationRequest(prompt: PromptEmbeddings(hidden: configuration.hidden, values: values), maximumTokens: tokens, stop: stop, sampling: sampling, usesAdapters: usesAdapters)
    }

    /// The model's files in a directory of its own, and a backend over them.
    static func withBackend(merged: Bool = false, options: LibLlamaOptions = LibLlamaOptions(slots: 3, queue: 2, contextTokens: 512, promptPart: 16), _ body: (LibLlamaBackend) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-libllama-\(UInt64.random(in: 0 ... .max))").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try LlamaModelFile(tensors: tensors, vocabulary: vocabulary, format: .f32, mergesAdapters: merged).write(to: directory + "/model.gguf")
        if !merged { _ = try LlamaAdapterFile(tensors: tensors).write(to: directory + "/adapter.gguf") }
        let backend = try LibLlamaBackend(TestedLibrary.loaded.get(), model: directory + "/model.gguf", adapter: merged ? nil : directory + "/adapter.gguf", configuration: configuration,
                                          weights: "f32", hasMergedAdapters: merged, tokenizer: LetterTokenizer(), options: options)
        try await body(backend)
        await backend.shutdown()
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
