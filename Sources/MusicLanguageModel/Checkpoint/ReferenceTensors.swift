import Checkpoints
import FoundationEssentials

/// What a model's reference implementation computed, in files that lie beside a checkpoint (`DIR/ref`): tensors of every stage, the tokens of
/// prompts, and the answers. Made by a script such as `make_tiny_checkpoint.py`; `mvfleet model verify` compares with them.
///
/// | file | what |
/// | --- | --- |
/// | `ref.json` | prompts as segments and tokens, greedy answers with and without LoRA, tokenizer cases |
/// | `ref.safetensors` | `audio.*`, `enc.*`, `proj.*`, `lm.*`, as `AudioVerification` and `lm…` names say |
/// | `prompt_embeds_f16.pt` | `lm.inputs_embeds` in half precision, saved by torch: the body of a request with prompt embeddings |
public struct ReferenceTensors: Sendable {
    /// A part of a prompt that has become tokens.
    public enum Segment: Sendable, Equatable {
        case audio
        case tokens([Int32])
    }

    /// A prompt made of some of the inputs, and its answers without sampling.
    public struct InputSet: Sendable {
        /// `1+2+3+4`, `2+3`, …, `none`.
        public let name: String
        /// The lines before the instruction, with `<Audio>` where the music goes.
        public let input: String
        public let segments: [Segment]
        /// Rows of the prompt, the music's included.
        public let promptTokens: Int
        public let greedy: [Int32]
        public let greedyWithoutAdapter: [Int32]
        /// Of `greedy`, special tokens left out.
        public let text: String
    }

    /// What a clip's prompt is made of.
    public struct Row: Sendable {
        public let genres: [String]
        public let mvTypes: [String]
        public let lyricsUnderstanding: String
        public let instruction: String
    }

    public struct TokenizerCase: Sendable {
        public let text: String
        /// SentencePiece alone, and its text again.
        public let pieces: [Int32]
        public let decoded: String
        /// With the added tokens, as transformers' slow tokenizer.
        public let tokens: [Int32]
    }

    /// A part of a prompt before it becomes tokens, with the tokens that it becomes.
    public struct PromptPart: Sendable, Equatable {
        public let segment: PromptSegment
        /// Empty for the music.
        public let tokens: [Int32]
    }

    public struct PromptCase: Sendable {
        /// `deepresonance`, `nextgpt_legacy`, `vicuna_v1`.
        public let template: String
        /// Inputs, as `InputSwitches` writes them.
        public let inputs: String
        public let parts: [PromptPart]
    }

    public let path: String
    public let tensors: any TensorArchive
    /// Of `inputSets`.
    public let row: Row
    /// Those with most inputs first.
    public let inputSets: [InputSet]
    /// The greedy answer to the first set with the music as one token; nil where the reference has none.
    public let pooledGreedy: [Int32]?
    public let tokenizerCases: [TokenizerCase]
    public let promptCases: [PromptCase]
    /// Of `promptCases`.
    public let promptRow: Row
    /// `prompt_embeds_f16.pt`; nil where it is not there.
    public let promptEmbedsFile: String?
    /// WAV files of the reference's recordings by their names without the ending.
    public let recordings: [String: String]

    /// - Throws: `ModelError.checkpoint` where there is no reference, or it is of another layout.
    public init(_ directory: ModelDirectory) throws(ModelError) {
        guard let path = directory.reference else {
            throw ModelError(code: .checkpoint, message: "\(directory.path) has no reference tensors (ref/ref.json and ref/ref.safetensors): nothing can be compared. make_tiny_checkpoint.py shows how they are made")
        }
        guard let stored = try JSONFile.read(StoredReference.self, path + "/ref.json", isOptional: false) else { throw ModelError(code: .checkpoint, message: "\(path)/ref.json is missing") }
        self.path = path
        tensors = try ModelDirectory.open(path + "/ref.safetensors")
        row = stored.infer.row.row
        inputSets = stored.infer.sets.map { $1.set($0) }.sorted { ($1.name == "none" ? 0 : $1.name.count, $0.name) < ($0.name == "none" ? 0 : $0.name.count, $1.name) }
        pooledGreedy = stored.infer.pooled_greedy
        tokenizerCases = (stored.tokenizer ?? []).map { TokenizerCase(text: $0.text, pieces: $0.sp, decoded: $0.sp_decode, tokens: $0.slow_legacy) }
        promptCases = (stored.prompts ?? [:]).sorted { $0.key < $1.key }.flatMap { template, cases in
            cases.sorted { $0.key < $1.key }.map { PromptCase(template: template, inputs: $0, parts: $1.map(\.part)) }
        }
        promptRow = (stored.prompt_row ?? stored.infer.row).row
        let embeds = path + "/prompt_embeds_f16.pt"
        promptEmbedsFile = FileManager.default.fileExists(atPath: embeds) ? embeds : nil
        let folder = directory.path + "/audio"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        recordings = Dictionary(files.filter { $0.hasSuffix(".wav") }.map { (String($0.dropLast(4)), "\(folder)/\($0)") }, uniquingKeysWith: { $1 })
    }
}
