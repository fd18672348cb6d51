import Checkpoints

/// What lies in a directory of the paper's model: the audio tower, the adaptor, the language model with its tokenizer, and what was trained
/// on top of it. Each part is found by its usual name or by what is in it, in the directory itself or in one directly below.
///
/// | part | as people have it |
/// | --- | --- |
/// | audio tower | `imagebind_huge.pth` (only its tensors of sound are read) or the tower alone (`.pth`, `.safetensors`); `imagebind_config.json` beside it where it is not the published one |
/// | language model | a LLaMA or Vicuna as Hugging Face lays it out: `config.json`, and `model.safetensors` or `pytorch_model.bin`, whole or in shards, in f32, f16 or bf16 |
/// | tokenizer | `tokenizer.model`, with `tokenizer_config.json` or `added_tokens.json` |
/// | adaptor | `llama_proj.weight` and `.bias` in a file of their own, or in the delta |
/// | LoRA | a PEFT adapter (`adapter_config.json`, `adapter_model.safetensors` or `.bin`), or in the delta |
/// | rows of added tokens | `embed_tokens.new_rows` and `lm_head.new_rows` in a file of their own, whole in the adapter, or whole in the delta |
/// | delta | NExT-GPT's and DeepResonance's `pytorch_model.pt`: adaptor, LoRA, and embeddings with the added rows |
///
/// Where a part is there twice, the file of its own goes before the adapter, and the adapter before the delta: a delta is in half precision,
/// and who put a file beside it meant it. A delta does not say LoRA's alpha: an `adapter_config.json` without weights says it, else alpha is the rank.
public struct ModelDirectory: Sendable {
    public let path: String
    /// A file with the tensors of `modality_….audio`.
    public internal(set) var audioTower: String?
    public internal(set) var audioConfiguration: String?
    /// The directory with `config.json`.
    public internal(set) var languageModel: String?
    /// The directory with `tokenizer.model`.
    public internal(set) var tokenizer: String?
    public internal(set) var adaptor: String?
    /// The directory with `adapter_config.json`.
    public internal(set) var adapter: String?
    /// The adapter's file; nil where only its configuration is there.
    public internal(set) var adapterWeights: String?
    public internal(set) var addedRows: String?
    public internal(set) var delta: String?
    /// The directory with reference tensors (`ref`).
    public internal(set) var reference: String?
    /// Files that could not be read, and what is there more than once.
    public internal(set) var remarks: [String] = []

    /// Looks what is there. A directory without anything is no error: what is missing is said when it is asked for.
    ///
    /// - Throws: `ModelError.checkpoint` when the path is no directory.
    public init(path: String) throws(ModelError) {
        self.path = path
        try discover()
    }

    // MARK: Loading

    /// The audio tower's tensors, among any others, and its configuration.
    ///
    /// - Throws: `ModelError.checkpoint`, which says what to put where when it is missing.
    public func openAudioTower() throws(ModelError) -> (tensors: any TensorArchive, configuration: AudioTowerConfiguration) {
        guard let audioTower else { throw missing(.audioTower) }
        guard let audioConfiguration else { return (try Self.open(audioTower), AudioTowerConfiguration()) }
        return (try Self.open(audioTower), try AudioTowerConfiguration(json: JSONFile.data(audioConfiguration)))
    }

    /// The layer between tower and language model, from its own file or from the delta.
    public func loadAdaptor() throws(ModelError) -> Adaptor {
        guard let file = adaptor ?? delta else { throw missing(.adaptor) }
        return try Adaptor(tensors: Self.open(file))
    }

    public func loadTokenizer() throws(ModelError) -> Tokenizer {
        guard let tokenizer else { throw missing(.tokenizer) }
        return try Tokenizer(directory: tokenizer)
    }

    /// The language model's weights with all that belongs to them, ready to be read.
    public func loadLanguageModelTensors() throws(ModelError) -> LanguageModelTensors {
        guard let languageModel else { throw missing(.languageModel) }
        let base: any TensorArchive
        do throws(CheckpointError) { base = try TensorFiles.open(languageModel) } catch { throw ModelError(code: .checkpoint, message: error.message, cause: error) }
        let (adapters, inDelta) = try openAdapters()
        return try LanguageModelTensors(LlamaConfiguration(path: languageModel + "/config.json"), base: base, addedRows: addedRows.map(Self.open), adapters: adapters ?? inDelta, delta: inDelta)
    }

    /// LoRA of the adapter and of the delta.
    func openAdapters() throws(ModelError) -> (adapter: AdapterTensors?, delta: AdapterTensors?) {
        let configuration = try adapter.map { path throws(ModelError) in try PEFTConfiguration(path: path + "/adapter_config.json") }
        let own = try adapterWeights.map { path throws(ModelError) in try AdapterTensors(Self.open(path), configuration, origin: path, isDelta: false) }
        let inDelta = try delta.map { path throws(ModelError) in try AdapterTensors(Self.open(path), own == nil ? configuration : nil, origin: path, isDelta: true) }
        return (own, inDelta)
    }

    static func open(_ path: String) throws(ModelError) -> any TensorArchive {
        do throws(CheckpointError) { return try TensorFiles.open(path) } catch { throw ModelError(code: .checkpoint, message: error.message, cause: error) }
    }
}
