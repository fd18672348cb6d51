import ChatCompletions
import ChatServerDouble
import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

@Suite(.enabled(if: LanguageModelFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct SharedLimitTests {
    private func request(_ text: String, tokens: Int = 100) -> ChatRequest {
        ChatRequest(model: "gpt-4o-mini", messages: [ChatMessage(.user, [.text(text)])], maximumAnswerTokens: tokens)
    }

    /// So many clients as processes would have, each with its own view of the limits, that keep the server busy for so long.
    ///
    /// - Returns: how many were answered.
    private func press(_ server: ChatServerDouble, _ fixture: LanguageModelFixture, processes: Int, each inFlight: Int, for duration: Duration, tokens: Int = 100) async throws -> Int {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for process in 0..<processes {
                group.addTask {
                    let limits = SharedLimits(ledger: fixture.ledger, logger: LanguageModelFixture.quiet)
                    let client = try ChatClient(endpoints: [Endpoint(name: "double", baseURL: server.url, key: APIKey("a-key"))], gate: limits, logger: LanguageModelFixture.quiet)
                    let answered = await withTaskGroup(of: Int.self) { tasks in
                        for slot in 0..<inFlight {
                            tasks.addTask {
                                var answered = 0
                                while ContinuousClock.now < end, !Task.isCancelled {
                                    if (try? await client.complete(request("\(process) \(slot) \(answered)", tokens: tokens), deadline: .seconds(60))) != nil { answered += 1 }
                                }
                                return answered
                            }
                        }
                        return await tasks.reduce(0, +)
                    }
                    await client.shutdown()
                    return answered
                }
            }
            return try await group.reduce(0, +)
        }
    }

    @Test func `several processes use a limit of requests, and are not refused`() async throws {
        try await LanguageModelFixture.with { fixture in
            var settings = DoubleSettings()
            settings.requestsPerMinute = 3_000
            try await ChatServerDouble.with(settings) { server async throws in
                let answered = try await press(server, fixture, processes: 2, each: 24, for: .seconds(6))
                let refused = server.counts.statuses[429] ?? 0
                #expect(Double(answered) >= 0.9 * 3_000 / 60 * 6)
                #expect(Double(refused) <= 0.01 * Double(answered), "\(refused) of \(answered)")
            }
        }
    }

    @Test func `a limit of tokens is used, though nobody knows how the server counts`() async throws {
        try await LanguageModelFixture.with { fixture in
            var settings = DoubleSettings()
            settings.tokensPerMinute = 300_000
            try await ChatServerDouble.with(settings) { server async throws in
                _ = try await press(server, fixture, processes: 2, each: 16, for: .seconds(6), tokens: 200)
                let counts = server.counts, refused = counts.statuses[429] ?? 0
                // The server counts prompt and the most that the answer may have.
                let taken = counts.promptTokens + counts.answered * 200
                #expect(Double(taken) >= 0.9 * 300_000 / 60 * 6)
                #expect(Double(refused) <= 0.01 * Double(counts.answered), "\(refused) of \(counts.answered)")
            }
        }
    }

    @Test func `what one process has learnt another knows from its first request on`() async throws {
        try await LanguageModelFixture.with { fixture in
            let key = LanguageModelLimitKey(scope: "k", model: "m")
            var report = LanguageModelLimitReport()
            report.requestsPerMinute = 60
            report.requests = 1
            #expect(try await fixture.ledger.report(report, of: key).requestsPerMinute == 60)
            let first = try await fixture.ledger.takeTurn(key, requests: 10, tokens: 10, patience: .seconds(60))
            #expect(first.wait == .zero && first.limit.requestsPerMinute == 60)
            // Ten requests at 57 a minute, of which two seconds may be caught up.
            let second = try await fixture.ledger.takeTurn(key, requests: 1, tokens: 1, patience: .seconds(60))
            #expect(second.wait > .seconds(8) && second.wait < .seconds(11))
            // Too late: no turn is taken, and the next is no later.
            let refused = try await fixture.ledger.takeTurn(key, requests: 100, tokens: 1, patience: .seconds(1))
            let again = try await fixture.ledger.takeTurn(key, requests: 1, tokens: 1, patience: .seconds(60))
            #expect(refused.wait > .seconds(8) && again.wait < .seconds(12))
        }
    }

    @Test func `a limit that no header tells is concluded from refusals`() async throws {
        try await LanguageModelFixture.with { fixture in
            let key = LanguageModelLimitKey(scope: "k", model: "m")
            var report = LanguageModelLimitReport()
            report.requests = 200
            #expect(try await fixture.ledger.report(report, of: key).requestsPerMinute == nil)
            report.requests = 50
            report.refusals = 10
            report.rest = .seconds(3)
            let learnt = try await fixture.ledger.report(report, of: key)
            #expect(learnt.requestsPerMinute == 0.95 * 240 && learnt.rest > .seconds(2))
            // Another process's next turn keeps the rest.
            #expect(try await fixture.ledger.takeTurn(key, requests: 1, tokens: 1, patience: .seconds(60)).wait > .seconds(2))
        }
    }

    @Test(arguments: [(nil, 9.0), (1.0, 60.0), (20.0, 9.0)] as [(Double?, Double)])
    func `a limit that is concluded from few requests is no lower than the server's own wait says`(retryAfter: Double?, perMinute: Double) async throws {
        try await LanguageModelFixture.with { fixture in
            let limits = SharedLimits(ledger: fixture.ledger, logger: LanguageModelFixture.quiet)
            let attempt = Attempt(endpoint: "double", keyID: "k", model: "m", tokens: 10)
            for number in 1...10 {
                try await limits.admit(attempt)
                await limits.ended(attempt, number < 10 ? AttemptReport(status: 200) : AttemptReport(status: 429, retryAfter: retryAfter.map { .seconds($0) }))
            }
            try await fixture.eventually("the refusal is known to the fleet") { try await fixture.number("SELECT count(*) FROM llm_limit WHERE refusals = 1") == 1 }
            #expect(try await fixture.ledger.languageModelLimits().first?.limit.requestsPerMinute == 0.95 * perMinute)
        }
    }

    @Test func `a request that would wait too long is sent away with the time to come back`() async throws {
        try await LanguageModelFixture.with { fixture in
            let limits = SharedLimits(ledger: fixture.ledger, patience: .seconds(5), logger: LanguageModelFixture.quiet)
            let attempt = Attempt(endpoint: "double", keyID: "k", model: "m", tokens: 10)
            try await limits.admit(attempt)
            await limits.ended(attempt, AttemptReport(status: 429, retryAfter: .seconds(120)))
            try await fixture.eventually("the refusal is known to the fleet") { try await fixture.number("SELECT count(*) FROM llm_limit WHERE rests_until > now() + interval '100 s'") == 1 }
            let other = SharedLimits(ledger: fixture.ledger, patience: .seconds(5), logger: LanguageModelFixture.quiet)
            let error = await #expect(throws: ChatError.self) { try await other.admit(attempt) }
            #expect(error?.code == .rateLimited && error?.retryAfter ?? .zero > .seconds(100) && error?.isRetriable == false)
        }
    }

    @Test func `whoever is cancelled while it waits for its turn leaves the line`() async throws {
        try await LanguageModelFixture.with { fixture in
            let key = LanguageModelLimitKey(scope: "k", model: "m")
            var report = LanguageModelLimitReport()
            report.requestsPerMinute = 6
            _ = try await fixture.ledger.report(report, of: key)
            _ = try await fixture.ledger.takeTurn(key, requests: 1, tokens: 1, patience: .seconds(60))
            let limits = SharedLimits(ledger: fixture.ledger, logger: LanguageModelFixture.quiet)
            let waiting = Task { try await limits.admit(Attempt(endpoint: "double", keyID: "k", model: "m", tokens: 10)) }
            try await fixture.eventually("it takes its turn") { try await fixture.number("SELECT count(*) FROM llm_limit WHERE next_request_at > now() + interval '12 s'") == 1 }
            waiting.cancel()
            let error = await #expect(throws: ChatError.self) { try await waiting.value }
            #expect(error?.code == .cancelled)
        }
    }
}
