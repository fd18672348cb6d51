import ChatCompletions
import ChatServerDouble
import Testing

@Suite("Several endpoints", .timeLimit(.minutes(1)))
struct EndpointTests {
    @Test("The other endpoint answers where the first fails, at once")
    func takesOver() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(.error(500)) }) { down in
            try await ChatServerDouble.with { up in
                try await ClientFixture.with([.named("down", url: down.url, weight: 1000), .named("up", url: up.url)]) { fixture in
                    try await fixture.expectAnswer()
                    #expect(fixture.waits.all.isEmpty)
                    #expect(down.counts.requests == 1)
                }
            }
        }
    }

    @Test("An endpoint whose account is empty is left for the other")
    func quota() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(.error(429, code: "insufficient_quota")) }) { empty in
            try await ChatServerDouble.with { full in
                try await ClientFixture.with([.named("empty", url: empty.url, weight: 1000), .named("full", url: full.url)], { $0.retries.maximumRetries = 0 }) { fixture in
                    try await fixture.expectAnswer()
                }
            }
        }
    }

    @Test("Only endpoints that serve the model are asked, by their own name of it")
    func models() async throws {
        let seen = Collected<String>()
        try await ChatServerDouble.with(.behaving { seen.append($0.model); return Behaviour() }) { server in
            let one = Endpoint(name: "one", baseURL: server.url + "/", models: ["caption": "vendor/caption-7b"])
            try await ClientFixture.with([one, .init(name: "two", baseURL: "http://127.0.0.1:9/v1", models: ["other": "other"])]) { fixture in
                _ = try await fixture.ask(.asking("x", model: "caption"))
                #expect(seen.all == ["vendor/caption-7b"])
                #expect(await fixture.failure(.asking("x", model: "unknown"))?.code == .configuration)
            }
        }
    }

    @Test("An endpoint that fails on end rests, and is asked again when a probe finds it back")
    func breaker() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(.error(500)) }) { server in
            try await ClientFixture.with(server, { $0.retries.maximumRetries = 0; $0.breaker = .init(failures: 3, rest: .milliseconds(30), longestRest: .milliseconds(30)) }) { fixture in
                for rests in [false, false, true] {
                    let failure = try #require(await fixture.failure())
                    #expect(failure.code == .serverError && (failure.outage != nil) == rests)
                }
                let resting = try #require(await fixture.failure())
                #expect(resting.code == .circuitOpen && resting.outage != nil)
                #expect(resting.isRetriable)
                #expect(resting.retryAfter ?? .zero > .zero)
                #expect(server.counts.requests == 3)
                server.change { $0.behave = { _ in Behaviour() } }
                // The rest ends by itself: asked until the probe passes.
                while await fixture.failure()?.code == .circuitOpen { await Task.yield() }
                #expect(server.counts.answered >= 1)
            }
        }
    }

    @Test("Requests are shared by weight")
    func weights() async throws {
        try await ChatServerDouble.with { one in
            try await ChatServerDouble.with { three in
                let turn = Counter()
                try await ClientFixture.with([.named("one", url: one.url, weight: 1), .named("three", url: three.url, weight: 3)], { options in
                    options.chance = { turn.add(); return Double(turn.value % 8) / 8 }
                }) { fixture in
                    for _ in 0..<40 { _ = try await fixture.ask() }
                    #expect(one.counts.requests == 10)
                    #expect(three.counts.requests == 30)
                }
            }
        }
    }
}

@Suite("What the gate sees", .timeLimit(.minutes(1)))
struct GateTests {
    final class Recorder: AttemptGate {
        let admitted = Collected<Attempt>()
        let reports = Collected<AttemptReport>()
        let refusal: (any Error)?

        init(refusal: (any Error)? = nil) { self.refusal = refusal }

        func admit(_ attempt: Attempt) async throws {
            if let refusal { throw refusal }
            admitted.append(attempt)
        }

        func ended(_ attempt: Attempt, _ report: AttemptReport) async { reports.append(report) }
    }

    @Test("Each attempt, with what the server said of its limits, its bill and its wait")
    func attempts() async throws {
        let gate = Recorder()
        var settings = DoubleSettings.script(Behaviour(.error(500)), Behaviour(.disconnect))
        settings.requestsPerMinute = 100
        try await ChatServerDouble.with(settings) { server in
            try await ClientFixture.with(server, key: "sk-test", gate: gate) { fixture in
                _ = try await fixture.ask(.asking("hello", tokens: 50))
                #expect(gate.admitted.all.count == 3)
                #expect(Set(gate.admitted.all).count == 1)
                #expect(gate.admitted.all[0].keyID == APIKey("sk-test").identifier)
                #expect(gate.admitted.all[0].tokens > 50)
                #expect(gate.reports.all.map(\.status) == [500, nil, 200])
                #expect(gate.reports.all[2].limits.requestLimit == 100)
                // One comes back in 0.6 s.
                #expect(gate.reports.all[2].limits.requestsRemaining ?? 0 >= 97)
                #expect(gate.reports.all[2].usage != nil)
            }
        }
    }

    @Test("A 429 tells the gate how long to wait, and for which limit")
    func rateLimit() async throws {
        let gate = Recorder()
        var settings = DoubleSettings()
        settings.requestsPerMinute = 60
        settings.tokensPerMinute = 1000
        try await ChatServerDouble.with(settings) { server in
            try await ClientFixture.with(server, gate: gate, { $0.retries.maximumRetries = 0 }) { fixture in
                _ = try await fixture.ask(.asking("hello", tokens: 900))
                let error = try #require(await fixture.failure(.asking("hello", tokens: 900)))
                #expect(error.code == .rateLimited)
                let wait = try #require(error.retryAfter)
                // 900 tokens and the prompt, of which some 90 are there: about 50 s at 1000 a minute.
                #expect(wait > .seconds(40) && wait < .seconds(60))
                #expect(gate.reports.all[1].retryAfter == wait)
                #expect(gate.reports.all[1].limits.tokenLimit == 1000)
            }
        }
    }

    @Test("What the gate throws ends the request unsent")
    func refusal() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server, gate: Recorder(refusal: ChatError(.rateLimited, "later", retryAfter: .seconds(99)))) { fixture in
                #expect(await fixture.failure()?.retryAfter == .seconds(99))
                #expect(server.counts.requests == 0)
            }
        }
    }
}
