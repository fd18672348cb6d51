import GGUF
import MusicLanguageModel
import TensorKernels

extension LibLlamaBackend {
    /// Runs a checkpoint as it lies in its directory: its GGUF files are written at the first start, and kept.
    ///
    /// - Parameters:
    ///   - tensors, tokenizer: of a `ModelDirectory`.
    ///   - weights: `int8` and `int4` become llama.cpp's q8_0 and q4_0.
    ///   - adapters: `applied` lets each request have the LoRA adapters or not; `merged` is quicker.
    ///   - identity: names the checkpoint by what is in its files; see ``LlamaFileCache``.
    /// - Throws: `ModelError`: what is wrong with the checkpoint, the cache or the library.
    public convenience init(_ library: LlamaLibrary, tensors: any LlamaTensors, tokenizer: Tokenizer, weights: WeightFormat, adapters: AdapterUse = .merged, identity: String,
                            cache: LlamaFileCache = LlamaFileCache(), options: LibLlamaOptions = LibLlamaOptions()) throws {
        let format = GGUFTensorType(weights)
        let files = try cache.files(of: tensors, tokenizer: tokenizer, format: format, adapters: adapters, identity: identity)
        try self.init(library, model: files.model, adapter: files.adapter, configuration: tensors.configuration, weights: format.rawValue,
                      hasMergedAdapters: adapters == .merged && tensors.hasAdapters(), tokenizer: tokenizer, options: options)
    }
}

extension GGUFTensorType {
    /// The format that is nearest to a native one.
    public init(_ format: WeightFormat) {
        self = switch format {
        case .float32: .f32
        case .bfloat16: .bf16
        case .int8: .q8_0
        case .int4: .q4_0
        }
    }
}

extension LlamaTensors {
    /// Whether a LoRA adapter belongs to any matrix.
    fileprivate func hasAdapters() throws -> Bool { try LlamaAdapterFile(tensors: self).hasAdapters }
}
