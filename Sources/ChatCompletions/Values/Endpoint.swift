/// A server of chat completions.
public struct Endpoint: Hashable, Sendable {
    /// How people call it: in tables, logs and errors.
    public var name: String
    /// Up to and with `/v1`.
    public var baseURL: String
    /// Never printed, logged or stored.
    public var key: APIKey?
    /// Its share of the requests beside other endpoints that serve the model.
    public var weight: Int
    /// The models that it serves, by the name that requests use → the name that it knows; empty where it is asked for any by that very name.
    public var models: [String: String]
    public var dialect: Dialect

    /// What servers differ in.
    public enum Dialect: String, Hashable, Sendable, Codable, CaseIterable {
        case openai, vllm, sglang
        case llamaCpp = "llama.cpp"
    }

    public init(name: String, baseURL: String, key: APIKey? = nil, weight: Int = 1, models: [String: String] = [:], dialect: Dialect = .openai) {
        self.name = name
        self.baseURL = baseURL
        self.key = key
        self.weight = weight
        self.models = models
        self.dialect = dialect
    }

    /// The name under which this endpoint serves `model`; nil where it does not.
    public func served(_ model: String) -> String? { models.isEmpty ? model : models[model] }
}

/// A secret that does not print itself.
public struct APIKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let secret: String

    public init(_ secret: String) { self.secret = secret }

    public var description: String { "(key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
