/// When a failed attempt is made again: the rules of the official client of OpenAI.
///
/// Two repetitions; 0.5 s, doubled up to 8 s, up to a quarter less by chance; a server's own wait up to two minutes is kept to instead.
public struct RequestRetryPolicy: Hashable, Sendable {
    public var maximumRetries: Int
    public var firstDelay: Duration
    public var longestDelay: Duration
    /// A server that asks for more is not asked again.
    public var longestRetryAfter: Duration

    public init(maximumRetries: Int = 2, firstDelay: Duration = .milliseconds(500), longestDelay: Duration = .seconds(8), longestRetryAfter: Duration = .seconds(120)) {
        self.maximumRetries = maximumRetries
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestRetryAfter = longestRetryAfter
    }

    public enum Decision: Hashable, Sendable {
        case retry(after: Duration)
        case giveUp
    }

    /// - Parameters:
    ///   - retries: repetitions made so far.
    ///   - remaining: until the request's deadline; a wait that reaches it ends the request now.
    ///   - chance: 0..<1.
    public func decide(_ error: ChatError, retries: Int, remaining: Duration, chance: Double) -> Decision {
        guard error.isRetriable, retries < maximumRetries else { return .giveUp }
        let delay = delay(error.retryAfter, retries: retries, chance: chance)
        guard let delay, delay < remaining else { return .giveUp }
        return .retry(after: delay)
    }

    /// nil where the server asks for too long a wait.
    private func delay(_ retryAfter: Duration?, retries: Int, chance: Double) -> Duration? {
        if let retryAfter, retryAfter > .zero {
            // Never earlier than asked, and not all who were told the same at the very same time.
            return retryAfter <= longestRetryAfter ? retryAfter + min(retryAfter * 0.1, .milliseconds(250)) * chance : nil
        }
        let doubled = min(firstDelay * Double(1 << min(retries, 20)), longestDelay)
        return doubled * (1 - 0.25 * chance)
    }
}
