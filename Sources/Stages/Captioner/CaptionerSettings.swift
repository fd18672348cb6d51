import Captioning
import FleetModel

/// The recipe of a stage that writes text: who writes it, and how.
///
/// The rules' JSON is `{"captioner":"rules","version":1}`, a language model's `{"captioner":"openai","model":…}` with the settings of ``LanguageModelRecipe``.
public struct CaptionerSettings<Task: CaptionTask>: Codable, Sendable, Hashable {
    public enum Writer: Sendable, Hashable {
        /// Deterministic sentences about what was measured.
        case rules
        case model(LanguageModelRecipe)
    }

    public var writer = Writer.rules

    public init() {}

    public init(_ recipe: LanguageModelRecipe) { writer = .model(recipe) }

    private enum CodingKeys: String, CodingKey, CaseIterable { case captioner, version }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decodeIfPresent(String.self, forKey: .captioner) ?? "rules" {
        case "rules":
            try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
            let version = try container.decodeIfPresent(Int.self, forKey: .version) ?? RuleCaptioner.version
            guard version == RuleCaptioner.version else {
                throw FleetError("recipe.invalid", "version \(version) of the rules is not in this program, which has version \(RuleCaptioner.version)")
            }
        case LanguageModelRecipe.captioner:
            writer = .model(try LanguageModelRecipe(from: decoder, stage: Task.stage))
        case let name:
            throw FleetError("recipe.invalid", "there is no captioner '\(name)': this version has 'rules' and '\(LanguageModelRecipe.captioner)'")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch writer {
        case .rules:
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("rules", forKey: .captioner)
            try container.encode(RuleCaptioner.version, forKey: .version)
        case .model(let recipe): try recipe.encode(to: encoder)
        }
    }

    /// What a language model's recipe reads beside what the stage itself does: texts are checked for names that they give away.
    var reads: [SourceField] {
        if case .model = writer { [.names] } else { [] }
    }
}
