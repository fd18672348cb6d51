extension ModelDirectory {
    /// A part of the model that other parts, or some inputs, cannot do without.
    public enum Part: String, CaseIterable, Sendable, Codable {
        case audioTower = "audio tower", adaptor, languageModel = "language model", tokenizer

        /// What to do where it is missing.
        public var remedy: String {
            switch self {
            case .audioTower: "put ImageBind's imagebind_huge.pth there (4.5 GB, CC-BY-NC-SA 4.0), or a tower alone (imagebind_audio.pth or .safetensors)"
            case .adaptor: "put the delta of NExT-GPT or DeepResonance there (pytorch_model.pt), or its llama_proj tensors (adaptor.safetensors)"
            case .languageModel: "put a LLaMA or Vicuna checkpoint as Hugging Face lays it out into a folder there: config.json, and model.safetensors or pytorch_model.bin, whole or in shards"
            case .tokenizer: "put the language model's tokenizer.model into its folder"
            }
        }
    }

    /// Whether a part is there, by name; whether it can be used, loading it tells.
    public func has(_ part: Part) -> Bool {
        switch part {
        case .audioTower: audioTower != nil
        case .adaptor: adaptor != nil || delta != nil
        case .languageModel: languageModel != nil
        case .tokenizer: tokenizer != nil
        }
    }

    public var missingParts: [Part] { Part.allCases.filter { !has($0) } }

    /// Whether music can be embedded: the tower alone does it.
    public var canEmbed: Bool { has(.audioTower) }

    /// Which inputs a description can be made of: without tower or adaptor all but the music; nil without language model or tokenizer.
    public var describableInputs: InputSwitches? {
        guard has(.languageModel), has(.tokenizer) else { return nil }
        return has(.audioTower) && has(.adaptor) ? .all : [.genres, .mvType, .lyrics]
    }

    func missing(_ part: Part) -> ModelError {
        let why = remarks.isEmpty ? "" : " (\(remarks.prefix(3).joined(separator: "; ")))"
        return ModelError(code: .checkpoint, message: "\(path) has no \(part.rawValue)\(why): \(part.remedy)")
    }
}
