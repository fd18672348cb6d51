import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Testing

/// What gateway and journal cost for each request; measured where `MVFLEET_TEST_GATEWAY_RATE` says for how many seconds.
struct GatewayRateTests {
    private static let seconds = ProcessInfo.processInfo.environment["MVFLEET_TEST_GATEWAY_RATE"].flatMap(Int.init)

    /// Seconds that this process has used.
    private static func cpu() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
    }

    @Test(.enabled(if: seconds != nil && LanguageModelFixture.serverURL != nil, "measures for MVFLEET_TEST_GATEWAY_RATE seconds"))
    func `256 requests in flight to a server of 200 milliseconds`() async throws {
        let seconds = try #require(Self.seconds)
        try await LanguageModelFixture.with { fixture in
            let client = ScriptedClient { request, _ in
                // The server's latency, beside which the gateway's cost is measured.
                try? await Task.sleep(for: .milliseconds(200))
                return ScriptedClient.answer(request)
            }
            try await fixture.gateway(client, { $0.lease = .seconds(10) }) { gateway async throws in
                let before = Self.cpu(), start = ContinuousClock.now, end = start + .seconds(seconds)
                await withTaskGroup(of: Void.self) { group in
                    for slot in 0..<256 {
                        group.addTask {
                            var count = 0
                            while ContinuousClock.now < end {
                                _ = try? await gateway.ask(fixture.query("slot \(slot) request \(count) " + String(repeating: "word ", count: 200), task: Int64(slot)))
                                count += 1
                            }
                        }
                    }
                }
                let time = Double((ContinuousClock.now - start).components.seconds), calls = client.calls
                print("gateway: \(Double(calls) / time) requests/s, \((Self.cpu() - before) / Double(calls) * 1e6) µs CPU each in this process")
                #expect(try await fixture.number("SELECT count(*) FROM llm_answer") == calls)
            }
        }
    }
}
