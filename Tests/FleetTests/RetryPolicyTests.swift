import Fleet
import FleetModel
import Testing

struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 5, base: .seconds(2), ceiling: .seconds(10), byCode: [
        .timeLimit: Backoff(attempts: 2, base: .seconds(60), ceiling: .seconds(60)),
        .rateLimited: Backoff(attempts: 12, base: .seconds(1), ceiling: .seconds(100)), .serverError: Backoff(attempts: 3, base: .seconds(4), ceiling: .seconds(4), least: .seconds(2)),
    ])

    private func delay(_ code: FleetError.Code, after earlier: [FleetError.Code: Int] = [:], jitter: Double = 1) -> Duration? {
        policy.delay(after: code, earlier: earlier, jitter: jitter)
    }

    @Test func `delays double up to the ceiling, with full jitter, and attempts end`() {
        #expect(delay("any") == .seconds(2))
        #expect(delay("any", after: ["any": 2]) == .seconds(8))
        #expect(delay("any", after: ["any": 3]) == .seconds(10))
        #expect(delay("any", after: ["any": 2], jitter: 0.5) == .seconds(4))
        #expect(delay("any", after: ["any": 2], jitter: 0) == .zero)
        #expect(delay("any", after: ["any": 4], jitter: 0.5) == nil)
    }

    @Test func `a code has attempts and pauses of its own`() {
        #expect(delay(.timeLimit) == .seconds(60))
        #expect(delay(.timeLimit, after: [.timeLimit: 1]) == nil)
        #expect(delay(.rateLimited, after: [.rateLimited: 10]) == .seconds(100))
    }

    @Test func `what was repeated within the attempt pauses no shorter than it did there`() {
        #expect(delay(.serverError, jitter: 0) == .seconds(2))
        #expect(delay(.serverError, after: [.serverError: 1], jitter: 0.5) == .seconds(4))
        #expect(delay(.serverError, after: [.serverError: 2], jitter: 0) == nil)
        for code in [FleetError.Code.serverError, .serverTimeout, .malformedAnswer] {
            #expect(RetryPolicy.standard.delay(after: code, earlier: [:], jitter: 0) ?? .zero > .seconds(1), "the client's last pause")
        }
    }

    @Test func `failures of one code cost another none of its attempts`() {
        #expect(delay("any", after: [.rateLimited: 9, .timeLimit: 1]) == .seconds(2))
        #expect(delay(.timeLimit, after: [.rateLimited: 9, "any": 4]) == .seconds(60))
    }

    @Test func `codes without a policy of their own share their attempts`() {
        #expect(delay("one", after: ["two": 2, "three": 1]) == .seconds(10))
        #expect(delay("one", after: ["two": 3, "three": 1]) == nil)
    }

    @Test func `a task whose errors keep changing ends too`() {
        let wide = RetryPolicy(byCode: Dictionary(uniqueKeysWithValues: (0..<60).map { (FleetError.Code(rawValue: "code.\($0)"), Backoff(attempts: 3, base: .zero, ceiling: .zero)) }))
        let earlier = Dictionary(uniqueKeysWithValues: (0..<49).map { (FleetError.Code(rawValue: "code.\($0)"), 1) })
        #expect(wide.delay(after: "code.55", earlier: earlier, jitter: 0) == nil)
    }

    @Test func `the standard policy tries lost inputs and full servers for longer than what runs past its limit`() {
        let attempts = [.rateLimited, .sourceGone, .timeLimit].map { RetryPolicy.standard.backoff(for: $0).attempts }
        #expect(attempts == [12, 4, 2])
    }
}

struct FailureClassTests {
    @Test func `an error says what class its task ended in`() {
        #expect(FailureClass(FleetError("video.no_stream", "")) == .permanent)
        #expect(FailureClass(FleetError("llm.busy", "", isRetriable: true)) == .retryable)
        #expect(FailureClass(FleetError(.quarantined, "")) == .poison)
        #expect(FailureClass(FleetError(.timeLimit, "", isRetriable: true)) == .poison)
        #expect(FailureClass(attempt: FleetError(.timeLimit, "", isRetriable: true)) == .retryable)
    }
}
