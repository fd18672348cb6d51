import FleetModel

/// What all recipes check of their JSON.
enum SettingsKeys {
    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A misspelt setting would silently be the default.
    static func check(_ decoder: any Decoder, known: [String]) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted() where !known.contains(key) {
            throw FleetError("recipe.invalid", "there is no setting '\(key)': use \(known.joined(separator: ", "))")
        }
    }

    static func require(_ holds: Bool, _ name: String, _ range: String) throws {
        guard holds else { throw FleetError("recipe.invalid", "the setting '\(name)' is out of range: give \(range)") }
    }
}
