/// What the server does with one request: by itself it answers well and at once.
public struct Behaviour: Sendable {
    public enum Reply: Sendable {
        case answer
        /// An error as OpenAI words it.
        case error(Int, code: String? = nil, message: String = "The server had an error while processing your request.")
        /// Anything at all.
        case raw(Int, contentType: String = "application/json", body: String)
        /// The connection is closed without a word.
        case disconnect
        /// Nothing comes, and the connection stays.
        case hang
    }

    /// What becomes of a streamed answer after so many pieces; without a stream, of the body after so many bytes.
    public enum Fault: Hashable, Sendable {
        /// The connection breaks.
        case cut(after: Int)
        /// The answer ends in good order, with its rest missing.
        case truncate(after: Int)
        /// Nothing more comes for a while.
        case stall(after: Int, Duration)
        /// A piece that is no JSON.
        case malformed(after: Int)
        /// White space without an end.
        case whiteSpace(after: Int)
    }

    public var reply: Reply
    /// Before the first byte.
    public var delay: Duration
    /// Between two pieces of a stream.
    public var pieceDelay: Duration
    public var headers: [(String, String)]
    /// The answer's text; nil for one made from the request's schema.
    public var text: String?
    public var refusal: String?
    public var finishReason: String
    public var sendsUsage: Bool
    /// The model that the answer names; nil for the request's.
    public var model: String?
    public var fault: Fault?

    public init(_ reply: Reply = .answer, delay: Duration = .zero, pieceDelay: Duration = .zero, headers: [(String, String)] = [], text: String? = nil,
                refusal: String? = nil, finishReason: String = "stop", sendsUsage: Bool = true, model: String? = nil, fault: Fault? = nil) {
        self.reply = reply
        self.delay = delay
        self.pieceDelay = pieceDelay
        self.headers = headers
        self.text = text
        self.refusal = refusal
        self.finishReason = finishReason
        self.sendsUsage = sendsUsage
        self.model = model
        self.fault = fault
    }
}

/// A request for a completion as the server sees it.
public struct CompletionRequest: Sendable {
    /// 0 for the first of all.
    public let number: Int
    /// How often this very body was sent before.
    public let earlierAttempts: Int
    public let headers: [(name: String, value: String)]
    /// Without the word `Bearer`; empty where none was sent.
    public let key: String
    public let body: JSONValue
    public let promptTokens: Int
    /// It came in a batch.
    public let isBatched: Bool
    /// The prompt, where it is embeddings and no messages.
    public var embeddings: EmbeddedPrompt?

    public var model: String { body["model"]?.text ?? "" }
    public var isStream: Bool { body["stream"]?.isTrue ?? false }
    public var maximumAnswerTokens: Int { body["max_completion_tokens"]?.integer ?? body["max_tokens"]?.integer ?? 4096 }
    public var schemaName: String? { body["response_format"]?["json_schema"]?["name"]?.text }
    /// OpenAI's form or llama.cpp's.
    public var schema: JSONValue? { body["response_format"]?["json_schema"]?["schema"] ?? body["response_format"]?["schema"] }

    /// All texts of all messages, each on a line of its own.
    public var prompt: String { Self.texts(of: body).joined(separator: "\n") }

    public func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    /// The texts that end a completed text.
    public var stops: [String] { (body["stop"]?.items ?? []).compactMap(\.text) }

    static func texts(of body: JSONValue) -> [String] {
        (body["messages"]?.items ?? []).flatMap { message -> [String] in
            if let text = message["content"]?.text { return [text] }
            return (message["content"]?.items ?? []).compactMap { $0["text"]?.text }
        }
    }

    static func images(of body: JSONValue) -> Int {
        (body["messages"]?.items ?? []).reduce(0) { $0 + ($1["content"]?.items ?? []).count { $0["image_url"] != nil } }
    }
}
