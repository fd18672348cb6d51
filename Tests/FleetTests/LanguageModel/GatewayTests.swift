import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

/// Hazard 10: an answer that was paid for is never asked again.
@Suite(.enabled(if: LanguageModelFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct GatewayTests {
    private struct Cut: Error {}

    @Test func `what was answered is answered again from the journal, word for word`() async throws {
        try await LanguageModelFixture.with { fixture in
            let client = ScriptedClient { request, _ in
                var answer = ScriptedClient.answer(request)
                answer.text = "with \0 in it"
                answer.refusal = "no"
                return answer
            }
            let first = try await fixture.gateway(client) { try await $0.ask(fixture.query("a")) }
            let second = try await fixture.gateway(client) { try await $0.ask(fixture.query("a", task: 2)) }
            guard case .answer(let paid, false) = first, case .answer(let reused, true) = second else {
                Issue.record("\(first) and then \(second)")
                return
            }
            #expect(paid == reused && paid.text == "with \u{FFFD} in it" && paid.refusal == "no" && paid.usage?.promptTokens == 30)
            #expect(client.calls == 1)
            // Forty tokens at a dollar for a thousand.
            #expect(try await fixture.budget() == JobBudget(job: fixture.job.rawValue, allowance: nil, spent: Money(dollars: 0.04), reserved: .zero, isReached: false))
        }
    }

    @Test func `those who ask the same at once wait for one answer`() async throws {
        try await LanguageModelFixture.with { fixture in
            let door = Door()
            let client = ScriptedClient { request, _ in
                await door.pass()
                return ScriptedClient.answer(request)
            }
            let replies = try await fixture.gateway(client) { gateway async throws in
                try await withThrowingTaskGroup(of: LanguageModelReply.self) { group in
                    for task in 0..<8 { group.addTask { try await gateway.ask(fixture.query("same", task: Int64(task))) } }
                    try await fixture.eventually("the request arrives") { client.calls == 1 }
                    door.open()
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(client.calls == 1 && replies.count { $0.isReused } == 7 && Set(replies.map(\.text)) == ["to: same"])
        }
    }

    @Test func `two processes that ask the same at once pay once`() async throws {
        try await LanguageModelFixture.with { fixture in
            let door = Door()
            let client = ScriptedClient { request, _ in
                await door.pass()
                return ScriptedClient.answer(request)
            }
            try await fixture.gateway(client) { one async throws in
                try await fixture.gateway(client) { other async throws in
                    let first = Task { try await one.ask(fixture.query("same")) }
                    try await fixture.eventually("the request arrives") { client.calls == 1 }
                    #expect(try await other.ask(fixture.query("same", task: 2)).reason == "the same is being asked by another process")
                    door.open()
                    #expect(try await first.value.text == "to: same")
                    #expect(try await other.ask(fixture.query("same", task: 2)).isReused)
                }
            }
            #expect(client.calls == 1)
        }
    }

    @Test(arguments: [(LanguageModelFaultPoint.beforeSend, 1, 2), (.beforeRecord, 2, 2), (.beforeReply, 1, 1)])
    func `a process that dies on the way is not paid for twice, but for what was in flight`(point: LanguageModelFaultPoint, calls: Int, asked: Int) async throws {
        try await LanguageModelFixture.with { fixture in
            let client = ScriptedClient()
            try await fixture.gateway(client, {
                $0.faultHook = { if $0 == point { throw Cut() } }
                $0.lease = .milliseconds(300)
            }) { dying async throws in
                await #expect(throws: FleetError.self) { try await dying.ask(fixture.query("a")) }
                dying.die()
                try await fixture.gateway(client) { gateway async throws in
                    try await fixture.eventually("the dead process's lease ends, and the answer comes") { try await gateway.ask(fixture.query("a")).text == "to: a" }
                }
            }
            #expect(client.calls == calls)
            // The journal counts what may have been paid for and lost.
            #expect(try await fixture.number("SELECT asked FROM llm_answer") == asked)
            #expect(try await fixture.number("SELECT count(*) FROM llm_intent") == 0)
            #expect(try await fixture.budget().reserved == .zero)
        }
    }

    @Test func `what a dead process had set aside is given back, though nobody asks again`() async throws {
        try await LanguageModelFixture.with { fixture in
            let client = ScriptedClient()
            try await fixture.gateway(client, {
                $0.faultHook = { if $0 == .beforeSend { throw Cut() } }
                $0.lease = .milliseconds(200)
            }) { dying async throws in
                await #expect(throws: FleetError.self) { try await dying.ask(fixture.query("a")) }
                #expect(try await fixture.budget().reserved > .zero)
                dying.die()
            }
            try await fixture.gateway(client) { gateway async throws in
                _ = try await gateway.ask(fixture.query("b"))
                try await fixture.eventually("it is given back") { try await fixture.budget().reserved == .zero }
            }
        }
    }

    @Test func `an answer that comes after another process has asked again is booked, and the first one stays`() async throws {
        try await LanguageModelFixture.with { fixture in
            let door = Door()
            let client = ScriptedClient { request, call in
                if call == 1 { await door.pass() }
                var answer = ScriptedClient.answer(request)
                answer.text = "call \(call)"
                return answer
            }
            try await fixture.gateway(client, { $0.lease = .milliseconds(200) }) { stalled async throws in
                let late = Task { try await stalled.ask(fixture.query("a")) }
                try await fixture.eventually("the request arrives") { client.calls == 1 }
                // Its heart stops, its request goes on.
                stalled.die()
                try await fixture.gateway(client) { gateway async throws in
                    try await fixture.eventually("the other asks again") { try await gateway.ask(fixture.query("a")).text == "call 2" }
                    door.open()
                    _ = try await late.value
                    #expect(try await gateway.ask(fixture.query("a")).text == "call 2")
                }
            }
            #expect(try await fixture.number("SELECT paid FROM llm_answer") == 2)
            #expect(try await fixture.budget().spent == Money(dollars: 0.08))
        }
    }

    @Test func `a request without an answer costs what the server says, and is asked again`() async throws {
        try await LanguageModelFixture.with { fixture in
            let client = ScriptedClient { request, call throws(ChatError) in
                if call == 1 { throw ChatError(.malformedAnswer, "no JSON", isRetriable: true, usage: ChatUsage(promptTokens: 5, completionTokens: 5)) }
                if call == 2 { throw ChatError(.circuitOpen, "all rest", retryAfter: .seconds(40), isRetriable: true) }
                return ScriptedClient.answer(request)
            }
            try await fixture.gateway(client) { gateway async throws in
                let error = await #expect(throws: FleetError.self) { try await gateway.ask(fixture.query("a")) }
                #expect(error?.code == "llm.malformed_answer" && error?.isRetriable == true)
                #expect(try await fixture.budget().spent == Money(dollars: 0.01))
                guard case .later(let wait, _) = try await gateway.ask(fixture.query("a")) else {
                    Issue.record("a resting endpoint defers")
                    return
                }
                #expect(wait >= .seconds(40) && wait < .seconds(60))
                #expect(try await gateway.ask(fixture.query("a")).text == "to: a")
            }
            #expect(try await fixture.budget() == JobBudget(job: fixture.job.rawValue, allowance: nil, spent: Money(dollars: 0.05), reserved: .zero, isReached: false))
        }
    }

    @Test func `without an endpoint what was answered before is, and the rest waits`() async throws {
        try await LanguageModelFixture.with { fixture in
            _ = try await fixture.gateway(ScriptedClient()) { try await $0.ask(fixture.query("a")) }
            try await fixture.gateway(nil) { gateway async throws in
                #expect(try await gateway.ask(fixture.query("a")).isReused)
                #expect(try await gateway.ask(fixture.query("b")).reason?.contains("no language model's endpoint is configured") == true)
            }
        }
    }

    @Test func `who asks may leave, and the answer is kept all the same`() async throws {
        try await LanguageModelFixture.with { fixture in
            let door = Door()
            let client = ScriptedClient { request, _ in
                await door.pass()
                return ScriptedClient.answer(request)
            }
            try await fixture.gateway(client) { gateway async throws in
                let asking = Task { try await gateway.ask(fixture.query("a")) }
                try await fixture.eventually("the request arrives") { client.calls == 1 }
                asking.cancel()
                #expect(try await asking.value.reason == "the worker stopped")
                door.open()
            }
            #expect(try await fixture.number("SELECT count(*) FROM llm_answer") == 1)
        }
    }
}
