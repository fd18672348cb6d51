import Checkpoints
import Foundation
import MusicLanguageModel

/// The tiny checkpoint with reference tensors of the shared development set, where it is there.
struct TinyCheckpoint: LlamaTensors {
    private static let root = (ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared/data").standardizedFileURL.path) + "/model/tiny_a"
    static var isPresent: Bool { FileManager.default.fileExists(atPath: root + "/ref/ref.json") }

    let configuration: LlamaConfiguration
    let reference: any TensorArchive
    let answers: Answers
    private let weights: any TensorArchive
    private let added: any TensorArchive
    private let lora: any TensorArchive

    init() throws {
        configuration = LlamaConfiguration(hidden: 256, intermediate: 512, layers: 4, heads: 8, vocabulary: 706, contextLength: 1024)
        reference = try SafetensorsArchive(path: Self.root + "/ref/ref.safetensors")
        weights = try SafetensorsArchive(path: Self.root + "/llama/model.safetensors")
        added = try SafetensorsArchive(path: Self.root + "/vocab_ext.safetensors")
        lora = try SafetensorsArchive(path: Self.root + "/lora/adapter_model.safetensors")
        answers = try JSONDecoder().decode(Answers.self, from: Data(contentsOf: URL(fileURLWithPath: Self.root + "/ref/ref.json")))
    }

    func rows(_ rows: Range<Int>, of name: String) throws -> [Float] {
        let stored = try weights.tensor(name)
        let most = stored.shape[0]
        if rows.upperBound <= most { return try stored.rows(rows) }
        let first = try rows.lowerBound < most ? stored.rows(rows.lowerBound ..< most) : []
        let more = try added.tensor(name.contains("embed_tokens") ? "embed_tokens.new_rows" : "lm_head.new_rows")
        return first + (try more.rows(max(rows.lowerBound - most, 0) ..< rows.upperBound - most))
    }

    func adapter(of name: String) throws -> LowRankAdapter? {
        let prefix = "base_model.model." + name.replacingOccurrences(of: ".weight", with: "")
        guard lora.names.contains(prefix + ".lora_A.weight") else { return nil }
        return LowRankAdapter(rank: 32, scale: 1, a: try lora.tensor(prefix + ".lora_A.weight").floats(), b: try lora.tensor(prefix + ".lora_B.weight").floats())
    }

    /// The embeddings of an input set of `ref.json`.
    func prompt(_ segments: [Answers.Segment]) throws -> PromptEmbeddings {
        let audio = try reference.tensor("proj.seq").floats(), rows = TokenEmbeddings(self)
        return PromptEmbeddings(hidden: configuration.hidden, values: try segments.flatMap { segment -> [Float] in
            switch segment {
            case .audio: audio
            case .tokens(let tokens): try tokens.flatMap(rows.row)
            }
        })
    }

    struct Answers: Decodable {
        var infer: Infer
        var prompts: [String: [String: [PromptSegment]]]
        var promptRow: Row

        struct Infer: Decodable {
            var row: Row
            var sets: [String: InputSet]
            var pooledGreedy: [Int32]

            enum CodingKeys: String, CodingKey { case row, sets, pooledGreedy = "pooled_greedy" }
        }

        struct Row: Decodable {
            var genres: [String]
            var mvType: [String]
            var lyrics: String
            var instruction: String
            var output: String

            enum CodingKeys: String, CodingKey { case genres, mvType = "mv_type", lyrics = "lyrics_understanding", instruction, output }
        }

        struct InputSet: Decodable {
            var input: String
            var segments: [Segment]
            var promptTokens: Int
            var greedy: [Int32]
            var greedyWithoutAdapter: [Int32]
            var text: String

            enum CodingKeys: String, CodingKey { case input, segments, promptTokens = "n_prompt", greedy = "greedy_lora", greedyWithoutAdapter = "greedy_base", text }
        }

        enum Segment: Decodable {
            case audio
            case tokens([Int32])

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = (try? container.decode([Int32].self)).map { .tokens($0) } ?? .audio
            }
        }

        /// `["bos", [1]]`, `["audio"]` or `["text", "…", [tokens]]`.
        struct PromptSegment: Decodable {
            var kind: String
            var text = ""
            var tokens: [Int32] = []

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                kind = try container.decode(String.self)
                if kind == "text" { text = try container.decode(String.self) }
                if kind != "audio" { tokens = try container.decode([Int32].self) }
            }
        }

        enum CodingKeys: String, CodingKey { case infer, prompts, promptRow = "prompt_row" }
    }
}
