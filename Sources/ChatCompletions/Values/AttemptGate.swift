/// Who lets requests pass and learns what became of them: limits that are shared by many clients are kept by one of these. Called for each attempt, repeated ones too.
public protocol AttemptGate: Sendable {
    /// Returns when the attempt may be sent.
    ///
    /// - Throws: whatever ends the request without sending it.
    func admit(_ attempt: Attempt) async throws
    /// The attempt ended; `report.limits` is what the server said of its limits.
    func ended(_ attempt: Attempt, _ report: AttemptReport) async
}

public struct Attempt: Hashable, Sendable {
    /// The endpoint's name.
    public var endpoint: String
    /// Which key, without telling it: the first 16 hexadecimal digits of its SHA-256; empty without one.
    public var keyID: String
    public var model: String
    /// Estimate of what the server counts against its limit: prompt and the most that the answer may have.
    public var tokens: Int

    public init(endpoint: String, keyID: String, model: String, tokens: Int) {
        self.endpoint = endpoint
        self.keyID = keyID
        self.model = model
        self.tokens = tokens
    }
}

public struct AttemptReport: Hashable, Sendable {
    /// HTTP status; nil where no answer came.
    public var status: Int?
    public var limits: RateLimitHeaders
    public var usage: ChatUsage?
    public var retryAfter: Duration?

    public init(status: Int?, limits: RateLimitHeaders = RateLimitHeaders(), usage: ChatUsage? = nil, retryAfter: Duration? = nil) {
        self.status = status
        self.limits = limits
        self.usage = usage
        self.retryAfter = retryAfter
    }
}

/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, as far as the server sends them.
public struct RateLimitHeaders: Hashable, Sendable {
    public var requestLimit: Int?
    public var requestsRemaining: Int?
    public var requestsReset: Duration?
    public var tokenLimit: Int?
    public var tokensRemaining: Int?
    public var tokensReset: Duration?

    public init() {}
}
