import ChatCompletions
import ChatServerDouble
import Fleet
import FleetModel
import Ledger
import Testing

/// Hazard 8: only a model that nobody serves may have a stand-in, and only one that nobody serves says so.
@Suite(.enabled(if: LanguageModelFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"), .timeLimit(.minutes(1)))
struct OutageTests {
    private static let breaker = CircuitBreaker.Settings(failures: 2, rest: .milliseconds(20), longestRest: .milliseconds(20))

    /// Runs `body` with a gateway to these endpoints.
    private func with(_ endpoints: [Endpoint], patience: Duration = .zero, _ body: @Sendable (LanguageModelFixture, LanguageModelGateway) async throws -> Void) async throws {
        try await LanguageModelFixture.with { fixture in
            var options = ChatClientOptions()
            options.retries.maximumRetries = 0
            options.breaker = Self.breaker
            let configuration = LanguageModelConfiguration(prices: LanguageModelFixture.prices, lease: .seconds(2), heartbeat: .milliseconds(100), outagePatience: patience, grace: .seconds(10))
            let gateway = try LanguageModelGateway.open(ledger: fixture.ledger, endpoints: endpoints, options: options, configuration: configuration, logger: LanguageModelFixture.quiet)
            let result: Result<Void, any Error>
            do { result = .success(try await body(fixture, gateway)) } catch { result = .failure(error) }
            await gateway.shutdown()
            try result.get()
        }
    }

    private func endpoint(_ server: ChatServerDouble, _ name: String = "double", models: [String] = []) -> Endpoint {
        Endpoint(name: name, baseURL: server.url, models: Dictionary(uniqueKeysWithValues: models.map { ($0, $0) }))
    }

    @Test func `a server that is gone is down once its circuit opens, also for who is let through to look`() async throws {
        let server = try await ChatServerDouble.start()
        try await with([endpoint(server)]) { fixture, gateway async throws in
            #expect(try await gateway.ask(fixture.query("before")).text != nil)
            await server.stop()
            guard case .later = try await gateway.ask(fixture.query("first")) else {
                Issue.record("one failure is no outage")
                return
            }
            // The second opens it; of those after it some are turned away, and some look whether it is back.
            for index in 2..<8 {
                guard case .down(let outage) = try await gateway.ask(fixture.query("number \(index)")) else {
                    Issue.record("request \(index) does not tell of the outage")
                    return
                }
                #expect(outage.error == nil && outage.wait >= .seconds(1) && outage.reason.contains("endpoint"))
            }
            #expect(try await gateway.ask(fixture.query("before")).isReused, "what was answered is answered")
            #expect(try await fixture.budget().reserved == .zero)
        }
    }

    @Test func `a server that has been gone for a moment only is waited for`() async throws {
        let server = try await ChatServerDouble.start()
        await server.stop()
        try await with([endpoint(server)], patience: .seconds(600)) { fixture, gateway async throws in
            for index in 0..<6 {
                guard case .later = try await gateway.ask(fixture.query("number \(index)")) else {
                    Issue.record("request \(index) is taken for an outage")
                    return
                }
            }
        }
    }

    @Test func `a server that fails on end is down, and a request that was let through keeps its error`() async throws {
        try await ChatServerDouble.with { server in
            try await with([endpoint(server)]) { fixture, gateway async throws in
                server.change { $0.behave = { _ in Behaviour(.error(503)) } }
                await #expect(throws: FleetError.self) { try await gateway.ask(fixture.query("first")) }
                guard case .down(let opened) = try await gateway.ask(fixture.query("second")) else {
                    Issue.record("the second failure opens the circuit")
                    return
                }
                #expect(opened.error?.code == "llm.server_error" && opened.error?.isRetriable == true)
                server.change { $0.behave = { _ in Behaviour() } }
                try await fixture.eventually("it is back") { try await gateway.ask(fixture.query("third")).text != nil }
            }
        }
    }

    @Test func `limits, refused keys and bad answers are no outage`() async throws {
        try await ChatServerDouble.with { server in
            try await with([endpoint(server)]) { fixture, gateway async throws in
                for (status, code) in [(429, "rate_limit_exceeded"), (429, "insufficient_quota"), (401, "invalid_api_key")] {
                    server.change { $0.behave = { _ in Behaviour(.error(status, code: code)) } }
                    for index in 0..<3 {
                        guard case .later = try await gateway.ask(fixture.query("\(code) \(index)")) else {
                            Issue.record("\(code) is taken for an outage")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test func `a model that another server serves is not down with the first one's`() async throws {
        let gone = try await ChatServerDouble.start()
        try await ChatServerDouble.with { server in
            try await with([endpoint(gone, "gone", models: [LanguageModelFixture.model]), endpoint(server, "other", models: ["fallback"])]) { fixture, gateway async throws in
                await gone.stop()
                try await fixture.eventually("the first is down") {
                    if case .down = try await gateway.ask(fixture.query("a")) { true } else { false }
                }
                var query = fixture.query("a")
                query.request.model = "fallback"
                query.job = nil
                #expect(try await gateway.ask(query).text != nil)
                #expect(try await fixture.number("SELECT count(*) FROM llm_answer WHERE endpoint = 'other' AND NOT is_batch") == 1, "the journal knows who answered")
            }
        }
    }
}
