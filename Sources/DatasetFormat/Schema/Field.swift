/// The type of one field of a sample. There are no nulls: what is absent has a neutral value that the field's meaning names.
public indirect enum FieldType: Hashable, Sendable {
    case string
    /// 64-bit signed.
    case int
    /// IEEE 754 double, finite.
    case float
    case bool
    case list(FieldType)
    case structure([Field])
}

/// One named member of a structure.
public struct Field: Hashable, Sendable {
    /// snake_case, with the unit as a suffix (`_s` seconds, `_bpm` beats a minute).
    public let name: String
    public let type: FieldType
    /// One sentence for the dataset card, with range and neutral value.
    public let meaning: String

    public init(_ name: String, _ type: FieldType, _ meaning: String) {
        self.name = name
        self.type = type
        self.meaning = meaning
    }
}

/// A value that has the form of a `FieldType`; a structure's values stand in the order of its fields.
public indirect enum FieldValue: Hashable, Sendable {
    case string(String)
    case int(Int64)
    case float(Double)
    case bool(Bool)
    case list([FieldValue])
    case structure([FieldValue])
}
