import ChatCompletions
import Fleet
import Ledger
import Testing

struct LimitLineStateTests {
    /// With one request under way and no limit known.
    private func state() -> LimitLineState {
        var state = LimitLineState()
        _ = state.enter(tokens: 10, patience: .seconds(20))
        _ = state.learn(LanguageModelLimit(requestsPerMinute: nil, tokensPerMinute: nil, rest: .zero))
        let steps = [state.next(), state.next()]
        #expect(steps == [.send([1]), .idle])
        return state
    }

    @Test func `whoever waits for the news of a refusal is served when they have come`() {
        var state = state()
        #expect(state.enter(tokens: 10, patience: .seconds(20)) == .wait(2, begins: true))
        #expect(state.next() == .idle, "one is under way, and so many may be")
        #expect(state.ended(AttemptReport(status: 429), tokens: 10) == LimitLineState.After(begins: false, reports: true, isUrgent: true))
        _ = state.takeReport()
        let begins = state.learn(LanguageModelLimit(requestsPerMinute: 60, tokensPerMinute: nil, rest: .seconds(1)))
        #expect(begins)
        #expect(state.next() == .ask([2], requests: 1, tokens: 10))
    }

    @Test func `where the news cannot be told those who wait are served all the same, and nothing of it is lost`() {
        var state = state()
        #expect(state.enter(tokens: 10, patience: .seconds(20)) == .wait(2, begins: true))
        #expect(state.next() == .idle)
        _ = state.ended(AttemptReport(status: 429, retryAfter: .seconds(2)), tokens: 10)
        let lost = state.takeReport()
        #expect(lost.refusals == 1 && lost.rest == .seconds(2) && lost.leastRequestsPerMinute == 30)
        let begins = [state.reportFailed(lost), state.reportFailed(LanguageModelLimitReport())]
        #expect(begins == [true, false], "nobody else serves them, and then somebody does")
        #expect(state.next() == .send([2]))
        _ = state.ended(AttemptReport(status: 200), tokens: 10)
        let next = state.takeReport()
        #expect(next.requests == 2 && next.refusals == 1 && next.rest == .seconds(2) && next.leastRequestsPerMinute == 30)
    }
}
