/// What has become of a request so far, and what comes next: a value, so that it can be tested without servers.
package struct RequestCourse {
    package enum Step: Hashable {
        case end
        /// Another attempt at once, at an endpoint that was not asked yet.
        case next
        case wait(Duration)
    }

    /// On the client's clock.
    package let end: Duration
    package private(set) var attempts = 0
    package private(set) var retries = 0
    /// Endpoints that failed.
    package private(set) var tried: Set<String> = []
    /// Endpoints that will not take this request however often it is sent.
    package private(set) var dismissed: Set<String> = []
    package private(set) var last: ChatError?

    package init(end: Duration) { self.end = end }

    /// - Parameter others: whether another endpoint may be asked, that was not yet.
    package mutating func after(_ error: ChatError, at endpoint: String, others: Bool, policy: RequestRetryPolicy, now: Duration, chance: Double) -> Step {
        attempts += 1
        tried.insert(endpoint)
        last = error
        if Self.isOfEndpoint(error) {
            dismissed.insert(endpoint)
            return others && now < end ? .next : .end
        }
        guard error.isRetriable, retries < policy.maximumRetries, now < end else { return .end }
        if others {
            retries += 1
            return .next
        }
        switch policy.decide(error, retries: retries, remaining: end - now, chance: chance) {
        case .giveUp: return .end
        case .retry(let delay):
            retries += 1
            return .wait(delay)
        }
    }

    /// Errors that another endpoint may not have, and that do not pass here.
    private static func isOfEndpoint(_ error: ChatError) -> Bool {
        guard !error.isRetriable else { return false }
        return [.unauthorized, .quotaExhausted, .modelNotFound, .configuration].contains(error.code)
    }
}
