import FleetModel
import MusicLanguageModel
import TensorKernels

/// The recipe of the `prediction` stage: everything that can change an answer. Where the model lies, threads, batches and servers' addresses are no part of it.
public struct PredictionSettings: Codable, Sendable, Hashable {
    /// What runs the language model.
    public enum Backend: String, Codable, Sendable, Hashable, CaseIterable {
        /// This program.
        case native
        /// llama.cpp's library, where it is installed.
        case libllama
        /// A vLLM server.
        case vllm
    }

    /// How the music stands in the prompt.
    public enum Music: String, Codable, Sendable, Hashable, CaseIterable {
        /// One token for each clip that the tower heard.
        case sequence
        /// One token: their mean.
        case pooled
    }

    /// Names the language model with its adapters, adaptor and tokenizer by their bytes (see ``CheckpointIdentity``); without it there is nothing to run.
    public var checkpoint: Digest?
    public var inputs = InputSwitches.all
    public var template = PromptTemplate.deepResonance
    /// Whether the prompt begins with the token for the beginning of a text.
    public var beginning = PromptTemplate.Beginning.asTrained
    public var music = Music.sequence
    /// The paper's, word for word, unless another is given.
    public var instruction = PromptTemplate.paperInstruction
    public var sampling = SamplingSettings(temperature: 0, topP: 1, seed: 1)
    /// An answer's tokens at most; fewer where the model's context is shorter.
    public var maximumTokens = 1024
    public var backend = Backend.native
    /// How the language model's weights are kept; a server's are its own.
    public var weights = WeightFormat.bfloat16
    /// Whether the checkpoint's LoRA adapters take part.
    public var usesAdapters = true

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case checkpoint, inputs, template, beginning, music, instruction, temperature, topP = "top_p", seed, maximumTokens = "max_tokens", backend, weights, usesAdapters = "lora"
    }

    public init(from decoder: any Decoder) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = try container.decodeIfPresent(Digest.self, forKey: .checkpoint)
        inputs = try container.decodeIfPresent(InputSwitches.self, forKey: .inputs) ?? inputs
        template = try container.decodeIfPresent(PromptTemplate.self, forKey: .template) ?? template
        beginning = try container.decodeIfPresent(PromptTemplate.Beginning.self, forKey: .beginning) ?? beginning
        music = try container.decodeIfPresent(Music.self, forKey: .music) ?? music
        instruction = try container.decodeIfPresent(String.self, forKey: .instruction) ?? instruction
        sampling.temperature = try container.decodeIfPresent(Double.self, forKey: .temperature) ?? sampling.temperature
        sampling.topP = try container.decodeIfPresent(Double.self, forKey: .topP) ?? sampling.topP
        sampling.seed = try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? sampling.seed
        maximumTokens = try container.decodeIfPresent(Int.self, forKey: .maximumTokens) ?? maximumTokens
        backend = try container.decodeIfPresent(Backend.self, forKey: .backend) ?? backend
        weights = try container.decodeIfPresent(WeightFormat.self, forKey: .weights) ?? weights
        usesAdapters = try container.decodeIfPresent(Bool.self, forKey: .usesAdapters) ?? usesAdapters
        try check()
    }

    /// - Throws: `recipe.invalid` that names the setting.
    public func check() throws {
        try SettingsKeys.require(!instruction.isEmpty && instruction.utf8.count <= 8_192, "instruction", "1 to 8,192 bytes of text")
        try SettingsKeys.require((0...10).contains(sampling.temperature), "temperature", "0 (always the likeliest token) to 10")
        try SettingsKeys.require(sampling.topP > 0 && sampling.topP <= 1, "top_p", "above 0, at most 1")
        try SettingsKeys.require((1...65_536).contains(maximumTokens), "max_tokens", "1 to 65,536")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
        try container.encode(inputs, forKey: .inputs)
        try container.encode(template, forKey: .template)
        try container.encode(beginning, forKey: .beginning)
        if inputs.contains(.music) { try container.encode(music, forKey: .music) }
        try container.encode(instruction, forKey: .instruction)
        try container.encode(sampling.temperature, forKey: .temperature)
        // What does not take part in a greedy answer is not in its recipe: it would make the same answers twice.
        if !sampling.isGreedy {
            try container.encode(sampling.topP, forKey: .topP)
            try container.encode(sampling.seed, forKey: .seed)
        }
        try container.encode(maximumTokens, forKey: .maximumTokens)
        try container.encode(backend, forKey: .backend)
        if backend != .vllm { try container.encode(weights, forKey: .weights) }
        try container.encode(usesAdapters, forKey: .usesAdapters)
    }
}
