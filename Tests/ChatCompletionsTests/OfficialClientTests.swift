import ChatServerDouble
import Foundation
import Testing

/// An interpreter with the packages `openai` and `llmock`.
let testPython = ProcessInfo.processInfo.environment["MVFLEET_TEST_PYTHON"]

@Suite("The double, judged", .timeLimit(.minutes(2)))
struct OfficialClientTests {
    @Test("The official client of OpenAI finds in it what it expects of OpenAI", .enabled(if: testPython != nil, "MVFLEET_TEST_PYTHON names no interpreter that has the package openai"))
    func official() async throws {
        var settings = DoubleSettings.behaving { request in
            switch request.model {
            case "refused": Behaviour(.error(400))
            case "unknown": Behaviour(.error(404, code: "model_not_found"))
            case "broken": Behaviour(.error(500))
            case "gone": Behaviour(.disconnect)
            case "cut": Behaviour(fault: .cut(after: 2))
            case "limited-then-fine" where request.earlierAttempts == 0: Behaviour(.error(429, code: "rate_limit_exceeded"), headers: [("retry-after-ms", "250")])
            default: Behaviour()
            }
        }
        settings.requestsPerMinute = 10_000
        settings.tokensPerMinute = 10_000_000
        settings.batch.fault = { $0 == "refuse-me" ? .error(400, code: "context_length_exceeded") : nil }
        try await ChatServerDouble.with(settings) { server in
            let script = try #require(Bundle.module.path(forResource: "openai_client", ofType: "py"))
            let (status, output) = try await Program.run(try #require(testPython), [script, server.url])
            #expect(status == 0, "\(output)")
        }
    }
}
