import Captioning
import FleetModel

/// The recipe of a stage that writes text: which captioner, and which version of it.
public struct CaptionerSettings: Codable, Sendable, Hashable {
    /// `rules`: deterministic sentences about what was measured.
    public var captioner: String
    public var version: Int

    public init() {
        captioner = "rules"
        version = RuleCaptioner.version
    }

    public init(from decoder: any Decoder) throws {
        self.init()
        try SettingsKeys.check(decoder, known: ["captioner", "version"])
        let container = try decoder.container(keyedBy: CodingKeys.self)
        captioner = try container.decodeIfPresent(String.self, forKey: .captioner) ?? captioner
        version = try container.decodeIfPresent(Int.self, forKey: .version) ?? version
        guard captioner == "rules" else {
            throw FleetError("recipe.invalid", "there is no captioner '\(captioner)': this version has 'rules'")
        }
        guard version == RuleCaptioner.version else {
            throw FleetError("recipe.invalid", "version \(version) of the rules is not in this program, which has version \(RuleCaptioner.version)")
        }
    }
}
