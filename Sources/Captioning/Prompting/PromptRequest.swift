/// What a prompt asks for, before it is bound to a model: texts, and the places of pictures and sound that the caller has.
public struct PromptRequest: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, Codable { case system, user, assistant }

    public enum Part: Hashable, Sendable {
        case text(String)
        /// The sampled frame of this index, 1…15.
        case frame(Int)
        /// All sampled frames as one picture, 5 × 3, in order of their indices.
        case contactSheet
        /// The clip's sound.
        case audio
    }

    public struct Message: Hashable, Sendable {
        public var role: Role
        /// No two texts in a row.
        public var parts: [Part]

        public init(_ role: Role, _ parts: [Part]) {
            self.role = role
            self.parts = parts
        }
    }

    /// A JSON schema for structured output: its root an object, every property required, no additional ones.
    public struct Schema: Hashable, Sendable {
        /// 1…64 of `[A-Za-z0-9_-]`.
        public var name: String
        /// JSON text, the same bytes for the same task.
        public var json: String

        public init(name: String, json: String) {
            self.name = name
            self.json = json
        }
    }

    public var prompt: PromptID
    /// First the system message, which is the same for every clip: servers cache prefixes.
    public var messages: [Message]
    /// Every prompt of this module has one; nil is for free text.
    public var schema: Schema?
    public var maximumAnswerTokens: Int

    public init(prompt: PromptID, messages: [Message], schema: Schema?, maximumAnswerTokens: Int) {
        self.prompt = prompt
        self.messages = messages
        self.schema = schema
        self.maximumAnswerTokens = maximumAnswerTokens
    }
}

/// Which prompt: written `frame-captions@1`.
public struct PromptID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// Lower-case letters, digits and hyphens; the stage's name in the prompts of this module.
    public var name: String
    /// From 1. A prompt that was used never changes: a change is a new version.
    public var version: Int

    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }

    public var description: String { "\(name)@\(version)" }

    public static func < (left: PromptID, right: PromptID) -> Bool { (left.name, left.version) < (right.name, right.version) }
}
