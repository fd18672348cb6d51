/// `ref.json` as it is written.
struct StoredReference: Decodable {
    struct Row: Decodable {
        var genres, mv_type: [String]
        var lyrics_understanding, instruction: String

        var row: ReferenceTensors.Row { .init(genres: genres, mvTypes: mv_type, lyricsUnderstanding: lyrics_understanding, instruction: instruction) }
    }

    struct InputSet: Decodable {
        var input: String
        var segments: [Segment]
        var n_prompt: Int
        var greedy_lora, greedy_base: [Int32]
        var text: String

        func set(_ name: String) -> ReferenceTensors.InputSet {
            .init(name: name, input: input, segments: segments.map(\.segment), promptTokens: n_prompt, greedy: greedy_lora, greedyWithoutAdapter: greedy_base, text: text)
        }
    }

    /// Tokens, or the word `audio`.
    struct Segment: Decodable {
        var segment: ReferenceTensors.Segment

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let word = try? container.decode(String.self), word == "audio" { segment = .audio } else { segment = .tokens(try container.decode([Int32].self)) }
        }
    }

    /// `["bos", [1]]`, `["audio"]` or `["text", "…", [tokens]]`.
    struct Part: Decodable {
        var part: ReferenceTensors.PromptPart

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            switch try container.decode(String.self) {
            case "audio": part = .init(segment: .audio, tokens: [])
            case "bos": part = .init(segment: .beginning, tokens: try container.decode([Int32].self))
            case "text":
                let text = try container.decode(String.self)
                part = .init(segment: .text(text), tokens: try container.decode([Int32].self))
            case let kind: throw DecodingError.dataCorruptedError(in: container, debugDescription: "a prompt's part is bos, audio or text, not \(kind)")
            }
        }
    }

    struct Inference: Decodable {
        var row: Row
        var sets: [String: InputSet]
        var pooled_greedy: [Int32]?
    }

    struct TokenizerCase: Decodable {
        var text, sp_decode: String
        var sp, slow_legacy: [Int32]
    }

    var infer: Inference
    var tokenizer: [TokenizerCase]?
    var prompts: [String: [String: [Part]]]?
    var prompt_row: Row?
}
