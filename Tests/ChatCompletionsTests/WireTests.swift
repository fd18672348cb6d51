import ChatCompletions
import Foundation
import NIOHTTP1
import Testing

@Suite("Server-sent events")
struct EventStreamTests {
    static let stream = ": hello\r\ndata: one\r\n\r\nevent: x\ndata:two\ndata: lines\n\nid: 3\r\rdata: é\r\rdata: [DONE]\n\n"

    @Test("Events are the same however the bytes are cut")
    func cuts() throws {
        let bytes = Array(Self.stream.utf8)
        for size in 1...bytes.count {
            var parser = EventStreamParser(limit: 100), events: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try parser.feed($0) }.map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(events == ["one", "two\nlines", "é", "[DONE]"], "pieces of \(size)")
        }
    }

    @Test("An event beyond the limit is an error, with a line end or without")
    func limit() {
        var parser = EventStreamParser(limit: 20)
        #expect(throws: EventStreamParser.TooLong.self) { try Array("data: ".utf8 + Array(repeating: 65, count: 30)).withUnsafeBytes { _ = try parser.feed($0) } }
        parser = EventStreamParser(limit: 20)
        #expect(throws: EventStreamParser.TooLong.self) { try Array(String(repeating: "data: abc\n", count: 10).utf8).withUnsafeBytes { _ = try parser.feed($0) } }
    }
}

@Suite("What servers say in headers")
struct HeaderTests {
    @Test("Spans as providers write them", arguments: [
        ("12ms", 0.012), ("6m0s", 360), ("1s", 1), ("1h2m3.5s", 3723.5), ("0s", 0), ("7.66s", 7.66), ("20", 20), ("250µs", 0.00025), ("1d", 86400),
    ])
    func spans(_ text: String, _ seconds: Double) throws {
        let span = try #require(ServerHeaders.span(text))
        #expect(abs(span / .seconds(1) - seconds) < 1e-9)
    }

    @Test("What is no span is none", arguments: ["", "soon", "s", "5x", "1m2", "-3", "nan"])
    func noSpan(_ text: String) { #expect(ServerHeaders.span(text) == nil) }

    @Test("Waits: milliseconds before seconds before a date", arguments: [
        ([("retry-after-ms", "1500"), ("retry-after", "9")], Duration.milliseconds(1500)), ([("Retry-After", "0.5")], .milliseconds(500)),
        ([("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], .seconds(7)), ([("retry-after", "Sun, 06 Nov 1994 08:49:20 GMT")], .zero),
        ([("retry-after-ms", "x"), ("retry-after", "2")], .seconds(2)),
    ] as [([(String, String)], Duration)])
    func waits(_ headers: [(String, String)], _ wait: Duration) {
        #expect(ServerHeaders(HTTPHeaders(headers), now: 784_111_770).retryAfter == wait)
    }

    @Test("Waits that are none", arguments: ["-1", "inf", "nan", "tomorrow", "Sun, 99 Nov 1994 08:49:37 GMT"])
    func noWait(_ text: String) { #expect(ServerHeaders(["retry-after": text], now: 0).retryAfter == nil) }

    @Test("Dates equal Foundation's over four centuries")
    func dates() throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for day in stride(from: 0, to: 146_097, by: 59) {
            let seconds = day * 86400 + day % 86400
            #expect(HTTPDate.seconds(formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))) == seconds)
        }
    }

    @Test("Limits and x-should-retry")
    func limits() {
        let headers = ServerHeaders(["X-RateLimit-Limit-Requests": "500", "x-ratelimit-remaining-tokens": "29.0", "x-ratelimit-reset-tokens": "6m0s", "x-should-retry": "false"], now: 0)
        #expect(headers.limits.requestLimit == 500)
        #expect(headers.limits.tokensRemaining == 29)
        #expect(headers.limits.tokensReset == .seconds(360))
        #expect(headers.limits.tokenLimit == nil)
        #expect(headers.shouldRetry == false)
    }
}

@Suite("Answers as servers write them")
struct AnswerTests {
    static func read(_ body: String) throws -> ChatAnswer { try ChatAnswer.read(Array(body.utf8), endpoint: .named(), model: "asked", maximumWhiteSpace: 100) }

    @Test("What is missing or of another type is passed over")
    func lenient() throws {
        #expect(try Self.read(#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#) == ChatAnswer(text: "hi", finishReason: "stop", model: "asked", endpoint: "main"))
        #expect(try Self.read(#"{"id":7,"model":"m","error":null,"choices":[{"index":0,"message":{"content":[{"type":"text","text":"a"},{"type":"x"},{"text":"b"}],"refusal":null},"logprobs":{},"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":null}}"#)
            == ChatAnswer(text: "ab", finishReason: "length", usage: ChatUsage(promptTokens: 5, completionTokens: 2), model: "m", endpoint: "main"))
        #expect(try Self.read(#"{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens":1}}"#)
            == ChatAnswer(text: "", finishReason: "stop", refusal: "no", usage: ChatUsage(promptTokens: 5, cachedPromptTokens: 4, completionTokens: 1), model: "asked", endpoint: "main"))
    }

    @Test("What is no completion is an error", arguments: ["", "null", "[]", "<html>", #"{"choices":[]}"#, #"{"choices":"x"}"#, #"{"object":"list"}"#])
    func noCompletion(_ body: String) { #expect(throws: ChatError.self) { try Self.read(body) } }

    @Test("An error in the place of an answer has the status that it says")
    func errorInAnswer() {
        #expect { try Self.read(#"{"error":{"message":"slow down","code":429}}"#) } throws: { ($0 as? ChatError)?.code == .rateLimited }
        #expect { try Self.read(#"{"error":"CUDA out of memory"}"#) } throws: { ($0 as? ChatError)?.cause == "CUDA out of memory" }
    }

    @Test("A flood of white space is an error, and its bill is told")
    func flood() {
        let body = #"{"choices":[{"message":{"content":"{\"a\":"# + String(repeating: " ", count: 101) + #"1}"},"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":9}}"#
        #expect { try Self.read(body) } throws: { ($0 as? ChatError)?.code == .malformedAnswer && ($0 as? ChatError)?.usage?.completionTokens == 9 }
    }

    static func chunk(_ text: String) -> String { #"data: {"model":"m","choices":[{"index":0,"delta":{"content":"\#(text)"}}]}"# + "\n\n" }
    static let end = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n" + #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"# + "\n\ndata: [DONE]\n\n"

    static func stream(_ text: String) throws -> (ChatAnswer, String) {
        var assembly = AnswerAssembly(endpoint: .named(), model: "asked", maximumBytes: 10_000, maximumWhiteSpace: 100), words = ""
        words += try Array(text.utf8).withUnsafeBytes { try assembly.receive($0).text }
        return (try assembly.finish(), words)
    }

    @Test("A stream's pieces make the answer, with its bill")
    func streamed() throws {
        let (answer, words) = try Self.stream(Self.chunk("so ") + Self.chunk("far") + Self.end)
        #expect(answer == ChatAnswer(text: "so far", finishReason: "stop", usage: ChatUsage(promptTokens: 1, completionTokens: 2), model: "m", endpoint: "main"))
        #expect(words == "so far")
    }

    @Test("A stream that is cut, malformed, in error, too long or a flood is no answer", arguments: [
        chunk("so far"), chunk("so") + #"data: {"choices":[{"index":0,"del"# + "\n\n" + end, chunk("so") + #"data: {"error":{"message":"boom"}}"# + "\n\n" + end,
        chunk(String(repeating: "x", count: 10_000)) + end, chunk(String(repeating: " ", count: 60)) + chunk(String(repeating: " ", count: 60)) + end, "data: [DONE]\n\n", "",
    ])
    func broken(_ text: String) { #expect(throws: ChatError.self) { try Self.stream(text) } }
}

@Suite("Errors as servers word them")
struct ServerErrorTests {
    static func error(_ status: Int, _ body: String, key: String? = nil, shouldRetry: Bool? = nil) -> ChatError {
        var headers = ServerHeaders()
        headers.shouldRetry = shouldRetry
        return .answered(status, ServerMessage(body: Array(body.utf8)), headers: headers, endpoint: .named(key: key), model: "m")
    }

    @Test("Kinds are told apart, and what may pass from what does not", arguments: [
        (429, #"{"error":{"message":"x","code":"rate_limit_exceeded"}}"#, ChatError.Code.rateLimited, true),
        (429, #"{"error":{"message":"x","type":"insufficient_quota","code":null}}"#, .quotaExhausted, false),
        (402, "", .quotaExhausted, false),
        (401, #"{"error":"bad key"}"#, .unauthorized, false), (403, "", .unauthorized, false),
        (400, #"{"error":{"message":"x","code":"context_length_exceeded"}}"#, .contextLength, false),
        (400, #"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}"#, .contextLength, false),
        (400, #"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#, .contextLength, false),
        (400, #"{"error":{"message":"bad schema"}}"#, .rejected, false), (422, #"{"detail":[{"msg":"field required"}]}"#, .rejected, false), (413, "too big", .rejected, false),
        (404, #"{"error":{"message":"x","code":"model_not_found"}}"#, .modelNotFound, false),
        (301, "", .configuration, false), (307, "", .configuration, false),
        (408, "", .serverError, true), (409, "", .serverError, true), (500, "oops", .serverError, true), (503, "", .serverError, true), (529, "", .serverError, true),
    ])
    func kinds(_ status: Int, _ body: String, _ code: ChatError.Code, _ isRetriable: Bool) {
        let error = Self.error(status, body)
        #expect(error.code == code)
        #expect(error.isRetriable == isRetriable)
        #expect(error.status == status)
    }

    @Test("The server's word on repeating counts more than the status, but not than an empty account")
    func shouldRetry() {
        #expect(!Self.error(500, "", shouldRetry: false).isRetriable)
        #expect(Self.error(400, "", shouldRetry: true).isRetriable)
        #expect(!Self.error(429, #"{"error":{"code":"insufficient_quota"}}"#, shouldRetry: true).isRetriable)
    }

    @Test("What the server said is a short printable line")
    func line() {
        #expect(Self.error(500, "<html>\u{1b}[31m\n  oops\u{202e}\u{0}  now</html>").cause == "<html> [31m oops now</html>")
        #expect(Self.error(500, String(repeating: "x", count: 5000)).cause?.count == 300)
        #expect(Self.error(422, #"{"detail":[{"msg":"field required","type":"missing"}]}"#).cause == "missing: field required")
        #expect(Self.error(500, "").cause == nil)
    }

    @Test("A key that the server echoes, whole or in part, is taken out", arguments: [
        "Incorrect API key provided: sk-proj-Abc123XYZsecret", "sk-proj-Abc123XYZsecretsk-proj-Abc123XYZsecret", "key sk-proj-Abc1**********ecret9", #"{"error":{"message":"no sk-proj-Abc123XYZsecret"}}"#,
        #"{"error":{"message":"no","code":"sk-proj-Abc123XYZsecret"}}"#,
    ])
    func redacts(_ body: String) {
        let error = Self.error(401, body, key: "sk-proj-Abc123XYZsecret")
        #expect(!error.description.contains("Abc123"))
        #expect(!error.description.contains("XYZsec"))
        #expect(error.cause?.contains("(key)") == true)
    }

    @Test("A key does not print itself")
    func key() {
        let endpoint = Endpoint.named(key: "sk-secret")
        #expect(!"\(endpoint) \(endpoint.key!) \(String(reflecting: endpoint))".contains("sk-secret"))
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!dumped.contains("sk-secret"))
        #expect(APIKey("sk-secret").identifier.count == 16)
    }
}
