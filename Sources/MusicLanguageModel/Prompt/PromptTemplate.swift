/// How a model was trained to be asked.
public enum PromptTemplate: String, CaseIterable, Hashable, Sendable, Codable {
    /// DeepResonance (arXiv 2502.12623): the inputs as they are, then the turns. The paper's settings.
    case deepResonance = "deepresonance"
    /// NExT-GPT's first code, the music between the marks of an image.
    case nextGPTLegacy = "nextgpt_legacy"
    /// NExT-GPT v1: the conversation of LLaVA v1 and Vicuna.
    case vicuna = "vicuna_v1"

    /// The paper's (section 2.1.2), the same for all clips.
    public static let paperInstruction = """
        Generate a concise video prompt that captures the essence of the MV, incorporating the music's tone, style, and lyrical themes. The prompt should reflect the specified MV type and \
        align with the music genre to ensure stylistic coherence for guiding a text-to-video model.
        """

    private static let vicunaSystem = """
        A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.
        """

    /// Whether a prompt begins with the token for the beginning of a text.
    public enum Beginning: String, CaseIterable, Hashable, Sendable, Codable {
        /// As in training: DeepResonance leaves it out where music comes first.
        case asTrained = "as_trained"
        case always, never
    }

    /// The prompt for an input.
    ///
    /// - reserved: the tokenizer's added tokens, which no text from outside may become.
    public func segments(_ input: PromptInput, instruction: String = PromptTemplate.paperInstruction, beginning: Beginning = .asTrained, reserved: [String] = []) -> [PromptSegment] {
        let trained = trainedSegments(music: input.hasMusic, lines: input.lines(of: QuotedText(reserved: reserved)), instruction: instruction)
        switch beginning {
        case .asTrained: return trained
        case .always: return trained.first == .beginning ? trained : [.beginning] + trained
        case .never: return trained.filter { $0 != .beginning }
        }
    }

    private func trainedSegments(music: Bool, lines: String, instruction: String) -> [PromptSegment] {
        switch self {
        case .deepResonance:
            let turn = PromptSegment.text("### Human: " + instruction + "\n### Assistant: ")
            if music { return [.audio, .text("\n" + lines), turn] }
            return [.beginning, .text(lines.isEmpty ? " " : lines), turn]
        case .nextGPTLegacy:
            let rest = lines + instruction + "\n### Assistant: "
            if music { return [.beginning, .text("### Human: <Img>"), .audio, .text("</Img> " + rest)] }
            return [.beginning, .text("### Human: "), .text(rest)]
        case .vicuna:
            let rest = lines + instruction + " ASSISTANT:"
            if music { return [.beginning, .text(Self.vicunaSystem + " USER: "), .audio, .text("\n" + rest)] }
            return [.beginning, .text(Self.vicunaSystem + " USER: " + rest)]
        }
    }
}

extension PromptEmbeddings {
    /// Texts as their tokens' rows, the music as its own.
    ///
    /// - music: rows of `rows.hidden` numbers, one for each clip of the recording, or one for all.
    /// - Throws: `ModelError.request` where the music is asked for and there is none, `ModelError.checkpoint` for tokens outside of the vocabulary.
    public init(_ segments: [PromptSegment], tokenizer: any TextTokenizer, rows: TokenEmbeddings, music: [[Float]] = []) throws {
        self.init(hidden: rows.hidden)
        for segment in segments {
            switch segment {
            case .beginning:
                guard let token = tokenizer.beginning else { throw ModelError(code: .checkpoint, message: "the tokenizer has no token that begins a text (<s>): ask for prompts without it") }
                append(try rows.row(token))
            case .text(let text):
                for token in tokenizer.encode(text) { append(try rows.row(token)) }
            case .audio:
                guard !music.isEmpty else { throw ModelError(code: .request, message: "the prompt holds music, and no embeddings of music were given") }
                for row in music {
                    guard row.count == hidden else { throw ModelError(code: .checkpoint, message: "the adaptor gives \(row.count) numbers a token, and the language model takes \(hidden): they belong to different models") }
                    append(row)
                }
            }
        }
    }
}
