import FleetModel
import Foundation

/// Settings of stages as they gather from a command's options; what is said later stands over what was said before.
struct StageSettings {
    private var objects: [StageName: [String: Any]]

    init(_ objects: [StageName: [String: Any]] = [:]) { self.objects = objects }

    /// - Throws: `recipe.invalid` where `json` is no object.
    mutating func lay(_ json: String, over stage: StageName) throws {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            throw FleetError("recipe.invalid", "the settings of stage '\(stage)' are no JSON object: \(json.prefix(200)). See 'mvfleet stages' for its fields")
        }
        objects[stage, default: [:]].merge(object) { _, later in later }
    }

    /// As JSON.
    func texts(of wanted: (StageName) -> Bool) throws -> [StageName: String] {
        try objects.filter { wanted($0.key) }.mapValues { String(decoding: try JSONSerialization.data(withJSONObject: $0, options: [.sortedKeys]), as: UTF8.self) }
    }
}
