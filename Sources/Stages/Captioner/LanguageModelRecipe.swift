import Captioning
import ChatCompletions
import FleetModel

/// Everything of a language model's recipe that can change an answer; in its JSON beside `"captioner":"openai"`. Where the model is served, its key, its
/// limits and whether it is asked in batches are no part of it.
public struct LanguageModelRecipe: Sendable, Hashable {
    /// The recipe's word for any chat-completions server.
    public static let captioner = "openai"

    /// As requests name it: dated, where the provider dates its models.
    public var model: String
    public var prompt: PromptTemplate
    /// Whether the prompt is one of this program's own; otherwise its text is in the recipe.
    public var hasOwnPrompt: Bool
    public var pictures = FramePictures.frames
    public var detail = ImageDetail.low
    /// 0…2; nil leaves it to the server.
    public var temperature: Double? = 0.4
    /// 0…1; nil leaves it to the server.
    public var topP: Double?
    public var seed: Int? = 1
    /// How often the whole answer is asked for again, with what is wrong with it named.
    public var reasks = 1
    /// Whether frames that fail are asked for alone then.
    public var asksFramesAlone = true
    /// Another model, asked where this one's answers do not hold or no server answers for it; its texts are marked as degraded.
    public var fallbackModel: String?
    /// Whether the rules write where no model's answer holds or no server answers; their texts are marked as degraded.
    public var fallsBackToRules = false

    public init(model: String, prompt: PromptTemplate, hasOwnPrompt: Bool = false) {
        self.model = model
        self.prompt = prompt
        self.hasOwnPrompt = hasOwnPrompt
    }

    var ladder: LadderPolicy {
        LadderPolicy(reasks: reasks, asksFramesAlone: asksFramesAlone, hasFallbackModel: fallbackModel != nil, fallsBackToRules: fallsBackToRules)
    }

    /// Whether a request can hold the sampled frames.
    public static func seesPictures(_ stage: CaptionStage) -> Bool { stage == .frameCaptions || stage == .mvType }
}

extension LanguageModelRecipe: Encodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case captioner, model, version, prompt, promptDigest = "prompt_sha256", promptText = "prompt_text", pictures, detail, temperature, topP = "top_p", seed, reasks
        case asksFramesAlone = "frames_alone", fallbackModel = "fallback_model", fallsBackToRules = "fallback_rules"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.captioner, forKey: .captioner)
        try container.encode(model, forKey: .model)
        try container.encode(CaptionStage.factsVersion, forKey: .version)
        try container.encode(prompt.id.description, forKey: .prompt)
        try container.encode(prompt.digest, forKey: .promptDigest)
        if hasOwnPrompt { try container.encode(prompt.text, forKey: .promptText) }
        if Self.seesPictures(prompt.stage) {
            try container.encode(pictures, forKey: .pictures)
            try container.encode(detail, forKey: .detail)
        }
        try container.encodeIfPresent(temperature, forKey: .temperature)
        try container.encodeIfPresent(topP, forKey: .topP)
        try container.encodeIfPresent(seed, forKey: .seed)
        try container.encode(reasks, forKey: .reasks)
        try container.encode(asksFramesAlone, forKey: .asksFramesAlone)
        try container.encodeIfPresent(fallbackModel, forKey: .fallbackModel)
        try container.encode(fallsBackToRules, forKey: .fallsBackToRules)
    }

    /// What is left out has its default; `null` for temperature or seed leaves it to the server.
    init(from decoder: any Decoder, stage: CaptionStage) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let model = try container.decodeIfPresent(String.self, forKey: .model), !model.isEmpty, model.utf8.count <= 200 else {
            throw FleetError("recipe.invalid", "the recipe of '\(stage.rawValue)' names no model: give --model, or 'model' in the recipe")
        }
        let version = try container.decodeIfPresent(Int.self, forKey: .version) ?? CaptionStage.factsVersion
        guard version == CaptionStage.factsVersion else {
            throw FleetError("recipe.invalid", "version \(version) of how facts are worded and answers are checked is not in this program, which has version \(CaptionStage.factsVersion)")
        }
        let text = try container.decodeIfPresent(String.self, forKey: .promptText)
        let prompt = try Self.prompt(stage, named: try container.decodeIfPresent(String.self, forKey: .prompt), text: text,
                                     digest: try container.decodeIfPresent(String.self, forKey: .promptDigest))
        self.init(model: model, prompt: prompt, hasOwnPrompt: text != nil)
        pictures = try container.decodeIfPresent(FramePictures.self, forKey: .pictures) ?? pictures
        detail = try container.decodeIfPresent(ImageDetail.self, forKey: .detail) ?? detail
        if container.contains(.temperature) || container.contains(.promptDigest) { temperature = try container.decodeIfPresent(Double.self, forKey: .temperature) }
        topP = try container.decodeIfPresent(Double.self, forKey: .topP)
        if container.contains(.seed) || container.contains(.promptDigest) { seed = try container.decodeIfPresent(Int.self, forKey: .seed) }
        reasks = try container.decodeIfPresent(Int.self, forKey: .reasks) ?? reasks
        asksFramesAlone = try container.decodeIfPresent(Bool.self, forKey: .asksFramesAlone) ?? asksFramesAlone
        fallbackModel = try container.decodeIfPresent(String.self, forKey: .fallbackModel)
        fallsBackToRules = try container.decodeIfPresent(Bool.self, forKey: .fallsBackToRules) ?? fallsBackToRules
        try SettingsKeys.require(temperature.map { (0...2).contains($0) } ?? true, "temperature", "0 to 2")
        try SettingsKeys.require(topP.map { (0...1).contains($0) } ?? true, "top_p", "0 to 1")
        try SettingsKeys.require((0...3).contains(reasks), "reasks", "0 to 3")
    }

    /// A recipe that was made by another program names a prompt that this one may not have, or may have with other words.
    private static func prompt(_ stage: CaptionStage, named name: String?, text: String?, digest: String?) throws -> PromptTemplate {
        let prompt: PromptTemplate
        if let text {
            do {
                prompt = try PromptTemplate(parsing: text)
            } catch {
                throw FleetError("prompt.invalid", "the prompt of '\(stage.rawValue)' does not read", cause: error)
            }
            guard prompt.stage == stage else { throw FleetError("prompt.invalid", "the prompt '\(prompt.id)' is for the stage '\(prompt.stage.rawValue)' and was given for '\(stage.rawValue)'") }
        } else if let name {
            let known = try PromptLibrary.builtIn().all.filter { $0.stage == stage }
            guard let named = known.first(where: { $0.id.description == name }) else {
                throw FleetError("prompt.unknown", "there is no prompt '\(name)' for the stage '\(stage.rawValue)' in this program, which has \(known.map(\.id.description).joined(separator: ", "))")
            }
            prompt = named
        } else {
            prompt = try PromptLibrary.builtIn().prompt(for: stage)
        }
        guard digest == nil || digest == prompt.digest else {
            throw FleetError("prompt.changed", "the prompt '\(prompt.id)' of this program has other words than the recipe's: the worker and whoever submitted the job are of different versions")
        }
        return prompt
    }
}
