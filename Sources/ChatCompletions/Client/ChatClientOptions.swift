import Foundation

/// How a client goes about its requests.
public struct ChatClientOptions: Sendable {
    public var retries = RequestRetryPolicy()
    public var breaker = CircuitBreaker.Settings()
    public var connectTimeout: Duration = .seconds(5)
    /// Longest a single attempt may take: a server that never answers leaves time for another one.
    public var attemptLimit: Duration = .seconds(600)
    /// Longest wait between two pieces of a streamed answer, after the first.
    public var stallLimit: Duration = .seconds(30)
    /// Characters of white space on end after which an answer is given up; pretty-printed JSON has some dozens.
    public var maximumWhiteSpace = 256
    public var maximumAnswerBytes = 8 << 20
    /// Connections to one server over HTTP/1.1; requests beyond wait for one.
    public var maximumConnections = 512
    /// Idle connections are closed after it, before servers do so: many end them after five seconds, and a request that meets the end is lost.
    public var idleConnectionLifetime: Duration = .milliseconds(4500)
    /// For the estimate that ``AttemptGate`` is given where the caller has none.
    public var tokenRules = ImageTokenRules()
    public var userAgent = "mvfleet"

    // What tests put in place of the world.
    /// Between two attempts: as long as the server or the retry policy says. Throws where the task is cancelled, and only there.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// 0..<1.
    public var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Seconds since 1970.
    public var wallClock: @Sendable () -> Double = { Date().timeIntervalSince1970 }

    public init() {}
}
