import ChatCompletions
import Testing

@Suite("When an attempt is repeated")
struct RequestRetryPolicyTests {
    static func error(_ isRetriable: Bool = true, after: Duration? = nil) -> ChatError { ChatError(.serverError, "x", retryAfter: after, isRetriable: isRetriable) }

    @Test("Half a second, doubled up to eight, a quarter less at most")
    func doubles() {
        let policy = RequestRetryPolicy(maximumRetries: 10)
        let waits = (0..<7).map { policy.decide(Self.error(), retries: $0, remaining: .seconds(600), chance: 0) }
        #expect(waits == [0.5, 1, 2, 4, 8, 8, 8].map { .retry(after: .seconds($0)) })
        #expect(policy.decide(Self.error(), retries: 1, remaining: .seconds(600), chance: 0.999_999) == .retry(after: .seconds(1) * (1 - 0.25 * 0.999_999)))
    }

    @Test("Twice, and not where the error does not pass")
    func count() {
        #expect(RequestRetryPolicy().decide(Self.error(), retries: 2, remaining: .seconds(600), chance: 0) == .giveUp)
        #expect(RequestRetryPolicy().decide(Self.error(false), retries: 0, remaining: .seconds(600), chance: 0) == .giveUp)
    }

    @Test("A server's wait is kept to and never undercut; two minutes are the most, and the deadline ends it")
    func serversWait() {
        let policy = RequestRetryPolicy()
        #expect(policy.decide(Self.error(after: .seconds(30)), retries: 0, remaining: .seconds(600), chance: 0) == .retry(after: .seconds(30)))
        #expect(policy.decide(Self.error(after: .seconds(30)), retries: 0, remaining: .seconds(600), chance: 0.5) == .retry(after: .milliseconds(30_125)))
        #expect(policy.decide(Self.error(after: .seconds(121)), retries: 0, remaining: .seconds(600), chance: 0) == .giveUp)
        #expect(policy.decide(Self.error(after: .seconds(30)), retries: 0, remaining: .seconds(30), chance: 0) == .giveUp)
        #expect(policy.decide(Self.error(after: .zero), retries: 0, remaining: .seconds(30), chance: 0) == .retry(after: .milliseconds(500)))
    }
}

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    /// The permit of an attempt that is let pass.
    static func permit(_ breaker: inout CircuitBreaker, at second: Int) throws -> CircuitBreaker.Permit {
        guard case .admitted(let permit) = breaker.admit(now: .seconds(second)) else { throw Refused() }
        return permit
    }

    struct Refused: Error {}

    static func opened(_ failures: Int = 3) throws -> CircuitBreaker {
        var breaker = CircuitBreaker(.init(failures: failures, rest: .seconds(5), longestRest: .seconds(12)))
        for _ in 0..<failures { breaker.ended(try permit(&breaker, at: 0), .failed, now: .zero) }
        return breaker
    }

    @Test("It opens after failures on end, not after as many with a success between them")
    func opens() throws {
        var breaker = CircuitBreaker(.init(failures: 3))
        for outcome in [CircuitBreaker.Outcome.failed, .failed, .succeeded, .failed, .neutral, .failed] { breaker.ended(try Self.permit(&breaker, at: 0), outcome, now: .zero) }
        #expect(breaker.isClosed)
        breaker.ended(try Self.permit(&breaker, at: 0), .failed, now: .zero)
        #expect(!breaker.isClosed && breaker.opened == .zero)
        #expect(breaker.admit(now: .seconds(1)) == .refused(.seconds(4)))
    }

    @Test("Of many at once, those that fail first do not open it while as many may yet be answered")
    func manyAtOnce() throws {
        var breaker = CircuitBreaker(.init(failures: 3))
        let permits = try (0..<20).map { _ in try Self.permit(&breaker, at: 0) }
        for permit in permits.prefix(9) { breaker.ended(permit, .failed, now: .zero) }
        #expect(breaker.isClosed, "eleven are under way")
        breaker.ended(permits[9], .failed, now: .zero)
        #expect(!breaker.isClosed, "ten have failed, ten are under way")
    }

    @Test("Those that hang and fail together after all others were answered do not open it")
    func hanging() throws {
        var breaker = CircuitBreaker(.init(failures: 3))
        let permits = try (0..<20).map { _ in try Self.permit(&breaker, at: 0) }
        for permit in permits.prefix(12) { breaker.ended(permit, .succeeded, now: .zero) }
        for permit in permits.dropFirst(12) { breaker.ended(permit, .failed, now: .seconds(30)) }
        #expect(breaker.isClosed)
    }

    @Test("One probe passes after the rest; its success closes, its failure doubles the rest up to the longest")
    func probes() throws {
        var breaker = try Self.opened()
        var now = 5
        for rest in [10, 12, 12] {
            let probe = try Self.permit(&breaker, at: now)
            #expect(breaker.admit(now: .seconds(now)) == .refused(.seconds(5)), "one only")
            breaker.ended(probe, .failed, now: .seconds(now))
            #expect(breaker.admit(now: .seconds(now)) == .refused(.seconds(rest)))
            now += rest
        }
        #expect(breaker.opened == .zero, "probes that fail leave it open")
        breaker.ended(try Self.permit(&breaker, at: now), .succeeded, now: .seconds(now))
        #expect(breaker.isClosed && breaker.opened == nil)
    }

    @Test("A probe that tells nothing lets the next one pass at once")
    func neutralProbe() throws {
        var breaker = try Self.opened()
        breaker.ended(try Self.permit(&breaker, at: 5), .neutral, now: .seconds(6))
        _ = try Self.permit(&breaker, at: 6)
    }

    @Test("What was under way when it opened does not prolong the rest, and may close it")
    func stragglers() throws {
        var breaker = CircuitBreaker(.init(failures: 1, rest: .seconds(5)))
        let permits = try (0..<4).map { _ in try Self.permit(&breaker, at: 0) }
        breaker.ended(permits[0], .failed, now: .zero)
        breaker.ended(permits[1], .failed, now: .zero)
        breaker.ended(permits[2], .failed, now: .seconds(4))
        #expect(breaker.admit(now: .seconds(4)) == .refused(.seconds(1)))
        breaker.ended(permits[3], .succeeded, now: .seconds(4))
        #expect(breaker.isClosed)
    }
}

@Suite("A request's course over endpoints")
struct RequestCourseTests {
    static func error(_ code: ChatError.Code, _ isRetriable: Bool) -> ChatError { ChatError(code, "x", isRetriable: isRetriable) }

    @Test("Another endpoint is asked at once, the same one after a wait")
    func next() {
        var course = RequestCourse(end: .seconds(60))
        #expect(course.after(Self.error(.serverError, true), at: "a", others: true, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .next)
        #expect(course.after(Self.error(.serverError, true), at: "b", others: false, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .wait(.seconds(1)))
        #expect(course.after(Self.error(.serverError, true), at: "a", others: false, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .end)
        #expect(course.attempts == 3)
    }

    @Test("An endpoint that refuses the key, the model or for want of money is left for another, without using up repetitions", arguments: [ChatError.Code.unauthorized, .quotaExhausted, .modelNotFound])
    func dismissed(_ code: ChatError.Code) {
        var course = RequestCourse(end: .seconds(60))
        #expect(course.after(Self.error(code, false), at: "a", others: true, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .next)
        #expect(course.dismissed == ["a"])
        #expect(course.retries == 0)
        #expect(course.after(Self.error(code, false), at: "b", others: false, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .end)
    }

    @Test("What no endpoint would take ends the request", arguments: [ChatError.Code.contextLength, .rejected, .media, .cancelled])
    func ends(_ code: ChatError.Code) {
        var course = RequestCourse(end: .seconds(60))
        #expect(course.after(Self.error(code, false), at: "a", others: true, policy: RequestRetryPolicy(), now: .zero, chance: 0) == .end)
    }

    @Test("The deadline ends it")
    func deadline() {
        var course = RequestCourse(end: .seconds(60))
        #expect(course.after(Self.error(.serverError, true), at: "a", others: true, policy: RequestRetryPolicy(), now: .seconds(60), chance: 0) == .end)
    }

    @Test("Endpoints are chosen by weight, untried ones first")
    func weights() {
        func picks(_ candidates: [EndpointChoice.Candidate]) -> [Int] { stride(from: 0.05, to: 1, by: 0.1).map { EndpointChoice.pick(candidates, chance: $0)! } }
        let a = EndpointChoice.Candidate(index: 0, weight: 3, isTried: false), b = EndpointChoice.Candidate(index: 1, weight: 7, isTried: false)
        #expect(picks([a, b]) == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
        var tried = b
        tried.isTried = true
        #expect(Set(picks([a, tried])) == [0])
        #expect(EndpointChoice.pick([], chance: 0) == nil)
    }
}
