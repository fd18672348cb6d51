/// What a reference implementation gave for a checkpoint besides tensors: tokens and texts (`ref/ref.json`).
public struct ReferenceAnswers: Decodable, Sendable {
    public var infer: Infer
    /// By template, then by input set; `promptRow` is what they were made of.
    public var prompts: [String: [String: [PromptPart]]]
    public var promptRow: Row
    public var tokenizer: [TokenizerCase]

    enum CodingKeys: String, CodingKey { case infer, prompts, promptRow = "prompt_row", tokenizer }

    public struct Infer: Decodable, Sendable {
        public var row: Row
        public var sets: [String: InputSet]
        /// Tokens of set `1+2+3+4` with the music as one token.
        public var pooledGreedy: [Int32]?
        /// The smallest distance of the best score to the second best on the way.
        public var leastMargin: Double?

        enum CodingKeys: String, CodingKey { case row, sets, pooledGreedy = "pooled_greedy", leastMargin = "min_top2_margin" }
    }

    /// A clip's texts.
    public struct Row: Decodable, Sendable {
        public var genres: [String]
        public var mvTypes: [String]
        public var lyrics: String
        public var instruction: String
        public var output: String

        enum CodingKeys: String, CodingKey { case genres, mvTypes = "mv_type", lyrics = "lyrics_understanding", instruction, output }

        public func input(_ switches: InputSwitches) -> PromptInput {
            PromptInput(hasMusic: true, genres: genres, mvTypes: mvTypes, lyricsUnderstanding: lyrics).keeping(switches)
        }
    }

    public struct InputSet: Decodable, Sendable {
        public var segments: [Segment]
        public var promptTokens: Int
        public var greedy: [Int32]
        public var greedyWithoutAdapters: [Int32]?
        public var text: String?

        enum CodingKeys: String, CodingKey { case segments, promptTokens = "n_prompt", greedy = "greedy_lora", greedyWithoutAdapters = "greedy_base", text }
    }

    /// Tokens, or `"audio"`.
    public enum Segment: Decodable, Equatable, Sendable {
        case audio
        case tokens([Int32])

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = (try? container.decode([Int32].self)).map { .tokens($0) } ?? .audio
        }
    }

    /// `["bos", [1]]`, `["audio"]` or `["text", "…", [tokens]]`.
    public struct PromptPart: Decodable, Sendable {
        public var kind: String
        public var text: String?
        public var tokens: [Int32]?

        public init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            kind = try container.decode(String.self)
            text = kind == "text" ? try container.decode(String.self) : nil
            tokens = kind == "audio" ? nil : try container.decode([Int32].self)
        }
    }

    public struct TokenizerCase: Decodable, Sendable {
        public var text: String
        /// As `transformers`' slow tokenizer with `legacy` cuts it, which the models were trained with.
        public var tokens: [Int32]

        enum CodingKeys: String, CodingKey { case text, tokens = "slow_legacy" }
    }
}
