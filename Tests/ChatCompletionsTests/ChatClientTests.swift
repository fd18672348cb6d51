import ChatCompletions
import ChatServerDouble
import Testing

@Suite("The client against a server", .timeLimit(.minutes(1)))
struct ChatClientTests {
    @Test("An answer with its bill; the key and the digest go along, and the connection is used again")
    func answers() async throws {
        let seen = Collected<CompletionRequest>()
        try await ChatServerDouble.with(.behaving { seen.append($0); return Behaviour(text: "hi", model: "gpt-4o-mini-2024-07-18") }) { server in
            try await ClientFixture.with(server, key: "sk-test") { fixture in
                let request = ChatRequest.asking("hello", images: 2)
                for _ in 0..<3 {
                    let answer = try await fixture.ask(request)
                    #expect(answer == ChatAnswer(text: "hi", finishReason: "stop", usage: ChatUsage(promptTokens: 174, completionTokens: 1), model: "gpt-4o-mini-2024-07-18", endpoint: "main"))
                }
                #expect(seen.all.map(\.key) == Array(repeating: "sk-test", count: 3))
                #expect(Set(seen.all.map { $0.header("idempotency-key") ?? "" }).count == 1)
                #expect(seen.all[0].header("content-type") == "application/json")
                #expect(server.counts.connections == 1)
                #expect(server.counts.uniqueBodies == 1)
            }
        }
    }

    @Test("Structured output: the answer has the schema's shape")
    func structured() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let answer = try await fixture.ask(.asking("hello", schema: .caption))
                let value = try JSONValue(answer.text)
                #expect(value["frames"]?.items?.count == 2)
                #expect(value["title"]?.text?.isEmpty == false)
            }
        }
    }

    @Test("A streamed answer is the whole one in pieces")
    func streams() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let request = ChatRequest.asking("hello", schema: .caption), words = Collected<String>()
                let streamed = try await fixture.client.complete(request, deadline: .seconds(60)) { words.append($0) }
                #expect(words.all.count > 1)
                #expect(words.all.joined() == streamed.text)
                #expect(try await fixture.ask(request) == streamed)
            }
        }
    }

    @Test("What passes is tried again after the official client's waits", arguments: [
        Behaviour(.error(500)), Behaviour(.error(503)), Behaviour(.error(408)), Behaviour(.error(409)), Behaviour(.error(429)), Behaviour(.disconnect),
        Behaviour(fault: .cut(after: 40)), Behaviour(fault: .truncate(after: 40)), Behaviour(.raw(200, contentType: "text/html", body: "<html>")), Behaviour(.raw(200, body: "{}")),
    ])
    func repeats(_ fault: Behaviour) async throws {
        try await ChatServerDouble.with(.script(fault, fault)) { server in
            try await ClientFixture.with(server) { fixture in
                try await fixture.expectAnswer()
                #expect(fixture.waits.all == [.milliseconds(500), .seconds(1)])
                #expect(server.counts.requests == 3)
                #expect(server.counts.uniqueBodies == 1)
            }
        }
    }

    @Test("Broken streams are tried again, and who listens is told to start over", arguments: [
        Behaviour.Fault.cut(after: 2), .truncate(after: 2), .truncate(after: 4), .malformed(after: 2), .whiteSpace(after: 2),
    ])
    func brokenStreams(_ fault: Behaviour.Fault) async throws {
        try await ChatServerDouble.with(.script(Behaviour(text: "some words that are long enough to be in pieces", fault: fault))) { server in
            try await ClientFixture.with(server) { fixture in
                let words = Collected<String>()
                let answer = try await fixture.client.complete(.asking("hello"), deadline: .seconds(60), onText: { words.append($0) }, onRestart: { words.removeAll() })
                #expect(words.all.joined() == answer.text)
                #expect(server.counts.requests == 2)
            }
        }
    }

    @Test("A stream that stalls is given up, and its connection closed")
    func stalls() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(text: "some words that are long enough to be in pieces", fault: .stall(after: 2, .seconds(600))) }) { server in
            try await ClientFixture.with(server, { $0.stallLimit = .milliseconds(50); $0.retries.maximumRetries = 1 }) { fixture in
                #expect(await fixture.failure(streams: true)?.code == .timeout)
                await server.until { $0.aborted == 2 }
            }
        }
    }

    @Test("What does not pass is not tried again", arguments: [
        (Behaviour(.error(400, code: "context_length_exceeded")), ChatError.Code.contextLength), (Behaviour(.error(400)), .rejected), (Behaviour(.error(401)), .unauthorized),
        (Behaviour(.error(404, code: "model_not_found")), .modelNotFound), (Behaviour(.error(429, code: "insufficient_quota")), .quotaExhausted),
        (Behaviour(.error(500), headers: [("x-should-retry", "false")]), .serverError), (Behaviour(.error(429), headers: [("retry-after", "121")]), .rateLimited),
        (Behaviour(.raw(302, body: ""), headers: [("location", "http://127.0.0.1:1/")]), .configuration),
    ])
    func givesUp(_ fault: Behaviour, _ code: ChatError.Code) async throws {
        try await ChatServerDouble.with(.script(fault)) { server in
            try await ClientFixture.with(server) { fixture in
                #expect(await fixture.failure()?.code == code)
                #expect(server.counts.requests == 1)
            }
        }
    }

    @Test("A server's wait is kept to; one that reaches the deadline ends the request at once with the wait told")
    func waits() async throws {
        let busy = Behaviour(.error(429), headers: [("retry-after", "7")])
        try await ChatServerDouble.with(.script(busy, busy)) { server in
            try await ClientFixture.with(server) { fixture in
                #expect(await fixture.failure(deadline: .seconds(5))?.retryAfter == .seconds(7))
                #expect(fixture.waits.all.isEmpty)
                _ = try await fixture.ask()
                #expect(fixture.waits.all == [.seconds(7)])
            }
        }
    }

    @Test("The deadline ends a request whose server never answers, and closes its connection")
    func deadline() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(.hang) }) { server in
            try await ClientFixture.with(server) { fixture in
                #expect(await fixture.failure(deadline: .milliseconds(50))?.code == .timeout)
                await server.until { $0.aborted == 1 }
            }
        }
    }

    @Test("An attempt that takes too long leaves time for another")
    func attemptLimit() async throws {
        try await ChatServerDouble.with(.script(Behaviour(.hang))) { server in
            try await ClientFixture.with(server, { $0.attemptLimit = .milliseconds(50) }) { fixture in
                try await fixture.expectAnswer()
            }
        }
    }

    @Test("Cancellation closes the request's connection", arguments: [false, true])
    func cancels(_ streams: Bool) async throws {
        let behaviour = streams ? Behaviour(text: "some words that are long enough to be in pieces", fault: .stall(after: 2, .seconds(600))) : Behaviour(.hang)
        try await ChatServerDouble.with(.behaving { _ in behaviour }) { server in
            try await ClientFixture.with(server) { fixture in
                let task = Task { await fixture.failure(streams: streams) }
                await server.until { $0.inFlight == 1 }
                task.cancel()
                #expect(await task.value?.code == .cancelled)
                await server.until { $0.aborted == 1 }
                #expect(server.counts.requests == 1)
            }
        }
    }

    @Test("A server that is not there")
    func unreachable() async throws {
        try await ClientFixture.with([.named(url: "http://127.0.0.1:9/v1")]) { fixture in
            #expect(await fixture.failure()?.code == .unreachable)
            #expect(fixture.waits.all.count == 2)
        }
    }

    @Test("An answer that is too long is given up, whole or streamed", arguments: [false, true])
    func tooLong(_ streams: Bool) async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(text: String(repeating: "word ", count: 200), fault: nil) }) { server in
            try await ClientFixture.with(server, { $0.maximumAnswerBytes = 500 }) { fixture in
                #expect(await fixture.failure(streams: streams)?.code == .malformedAnswer)
            }
        }
    }

    @Test("The key is in no error, whatever the server echoes")
    func secret() async throws {
        var settings = DoubleSettings()
        settings.keys = ["another"]
        try await ChatServerDouble.with(settings) { server in
            try await ClientFixture.with(server, key: "sk-very-secret-key") { fixture in
                let error = try #require(await fixture.failure())
                #expect(error.code == .unauthorized)
                #expect(error.cause?.contains("Incorrect API key provided: (key)") == true)
                #expect(!"\(error)\(String(reflecting: error))".contains("very-secret"))
            }
        }
    }

    @Test("Media that cannot be loaded end the request, and the server is not blamed")
    func media() async throws {
        struct Gone: Error {}
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server, { $0.breaker.failures = 1 }) { fixture in
                let request = ChatRequest(model: "m", messages: [ChatMessage(.user, [.image(ChatMedia(sha256: "ab", mediaType: "image/jpeg", byteCount: 5) { throw Gone() }, detail: .low)])], maximumAnswerTokens: 5)
                #expect(await fixture.failure(request)?.code == .media)
                try await fixture.expectAnswer()
            }
        }
    }

    @Test("Wrong configurations are told before anything is sent", arguments: [
        [Endpoint.named(url: "ftp://x/v1")], [.named(url: "nonsense")], [.named(url: "https://user:word@host/v1")], [.named(url: "https://host/v1?key=x")],
        [.named(key: "sk-a\r\nx-evil: 1")], [.named(key: "")], [.named(weight: 0)], [.named("a"), .named("a")],
    ])
    func configuration(_ endpoints: [Endpoint]) {
        #expect { try ChatClient(endpoints: endpoints) } throws: { ($0 as? ChatError)?.code == .configuration && !"\($0)".contains("evil") && !"\($0)".contains("word@") }
    }
}
