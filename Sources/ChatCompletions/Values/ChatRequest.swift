/// One chat completion, without where it is sent: what is asked, of which model, and how the answer must look.
public struct ChatRequest: Hashable, Sendable {
    /// The model as the recipe names it, dated where the provider dates its models.
    public var model: String
    /// The longest common prefix of many requests first: servers cache prefixes.
    public var messages: [ChatMessage]
    /// The answer is JSON of this shape; nil for free text.
    public var answerSchema: AnswerSchema?
    /// The most tokens of the answer, reasoning included.
    public var maximumAnswerTokens: Int
    /// 0…2; nil leaves it to the server.
    public var temperature: Double?
    /// 0…1; nil leaves it to the server.
    public var topP: Double?
    public var seed: Int?

    public init(model: String, messages: [ChatMessage], answerSchema: AnswerSchema? = nil, maximumAnswerTokens: Int, temperature: Double? = nil,
                topP: Double? = nil, seed: Int? = nil) {
        self.model = model
        self.messages = messages
        self.answerSchema = answerSchema
        self.maximumAnswerTokens = maximumAnswerTokens
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
    }
}

public struct ChatMessage: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, Codable { case system, user, assistant }

    public enum Part: Hashable, Sendable {
        case text(String)
        case image(ChatMedia, detail: ImageDetail)
        /// `wav` or `mp3`.
        case audio(ChatMedia, format: String)
    }

    public var role: Role
    public var parts: [Part]

    public init(_ role: Role, _ parts: [Part]) {
        self.role = role
        self.parts = parts
    }
}

/// How closely the model looks at an image, and what it bills for it.
public enum ImageDetail: String, Hashable, Sendable, Codable, CaseIterable { case auto, low, high }

/// Bytes that go with a request. They are loaded when the request is written, so that hundreds of waiting requests hold none; two are the same when their digests are.
public struct ChatMedia: Hashable, Sendable {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    public var sha256: String
    /// Such as `image/jpeg`.
    public var mediaType: String
    public var byteCount: Int
    /// Pixels, for images: providers bill by them. Zero for sound.
    public var width: Int
    public var height: Int
    /// Length of sound, which providers bill by; zero for images.
    public var seconds: Double
    public var load: @Sendable () async throws -> [UInt8]

    public init(sha256: String, mediaType: String, byteCount: Int, width: Int = 0, height: Int = 0, seconds: Double = 0,
                load: @escaping @Sendable () async throws -> [UInt8]) {
        self.sha256 = sha256
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.width = width
        self.height = height
        self.seconds = seconds
        self.load = load
    }

    public static func == (left: ChatMedia, right: ChatMedia) -> Bool { left.sha256 == right.sha256 && left.mediaType == right.mediaType }

    public func hash(into hasher: inout Hasher) { hasher.combine(sha256) }
}

/// A JSON schema for structured output.
public struct AnswerSchema: Hashable, Sendable {
    /// 1…64 of `[A-Za-z0-9_-]`.
    public var name: String
    /// The schema as JSON text: its root an object, every property required, no additional ones.
    public var json: String

    public init(name: String, json: String) {
        self.name = name
        self.json = json
    }
}
