/// Why a request has no answer.
public struct ChatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }

        /// No connection, or it broke before the answer was whole.
        public static let unreachable: Self = "llm.unreachable"
        /// The request's deadline, or the wait between two pieces of a stream, ran out.
        public static let timeout: Self = "llm.timeout"
        /// 429: too many requests or tokens a minute.
        public static let rateLimited: Self = "llm.rate_limit"
        /// 429 `insufficient_quota`, or 402: no money is left on the account. Waiting does not help.
        public static let quotaExhausted: Self = "llm.quota"
        /// 401, 403.
        public static let unauthorized: Self = "llm.unauthorized"
        /// 400 `context_length_exceeded`: the prompt is too long for the model.
        public static let contextLength: Self = "llm.context_length"
        /// Any other 4xx: the server does not take this request.
        public static let rejected: Self = "llm.rejected"
        /// 404: the endpoint does not serve this model, or is no chat-completions server.
        public static let modelNotFound: Self = "llm.model_not_found"
        /// 5xx.
        public static let serverError: Self = "llm.server_error"
        /// 200 with what is no chat completion, a stream that ends early, or a flood of white space.
        public static let malformedAnswer: Self = "llm.malformed_answer"
        /// Every endpoint rests after repeated failures.
        public static let circuitOpen: Self = "llm.circuit_open"
        /// What a request carries could not be loaded.
        public static let media: Self = "llm.media"
        /// An endpoint, a key or a model is configured wrongly.
        public static let configuration: Self = "llm.configuration"
        /// A batch expired or was cancelled before the request's turn.
        public static let batchEnded: Self = "llm.batch_ended"
        /// Who asked wants the answer no longer.
        public static let cancelled: Self = "llm.cancelled"
    }

    public var code: Code
    /// Names the endpoint, the cause and the remedy; never a key.
    public var message: String
    /// What the server said, shortened and without control characters.
    public var cause: String?
    /// HTTP status, where there was one.
    public var status: Int?
    /// How long the server asks to wait.
    public var retryAfter: Duration?
    public var isRetriable: Bool
    /// What the server bills for an answer that is of no use, where it said so.
    public var usage: ChatUsage?
    /// For how long every endpoint that serves the model has rested after repeated failures, of which this may be the last; nil where one of them works.
    public var outage: Duration?

    public init(_ code: Code, _ message: String, cause: String? = nil, status: Int? = nil, retryAfter: Duration? = nil, isRetriable: Bool = false,
                usage: ChatUsage? = nil, outage: Duration? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.status = status
        self.retryAfter = retryAfter
        self.isRetriable = isRetriable
        self.usage = usage
        self.outage = outage
    }

    public var description: String { cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))" }
}
