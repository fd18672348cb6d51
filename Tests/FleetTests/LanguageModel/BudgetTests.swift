import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Ledger
import Testing

@Suite(.enabled(if: LanguageModelFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct BudgetTests {
    /// Each request may cost up to about 11 cents and costs 4.
    @Test func `a budget is used up and never passed, however many ask at once`() async throws {
        try await LanguageModelFixture.with { fixture in
            let allowance = Money(dollars: 1)
            try await fixture.ledger.setBudget(allowance, of: fixture.job)
            let client = ScriptedClient()
            try await fixture.gateway(client) { one async throws in
                try await fixture.gateway(client) { other async throws in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for index in 0..<40 {
                            group.addTask {
                                let gateway = index % 2 == 0 ? one : other
                                // What is under way leaves something over each time; then it is reached.
                                while true {
                                    let reply = try await gateway.ask(fixture.query("request \(index)", task: Int64(index)))
                                    if reply.text != nil || reply.reason?.contains("is reached") == true { return }
                                    await Task.yield()
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            let budget = try await fixture.budget()
            #expect(budget.isReached && budget.reserved == .zero && budget.spent <= allowance)
            // Not a request fewer than fit with certainty.
            #expect(budget.spent == Money(nanoDollars: Int64(client.calls) * 40_000_000) && budget.spent >= Money(dollars: 0.88))
        }
    }

    @Test func `a reached budget defers the job's tasks, and more of it makes them due at once`() async throws {
        try await LanguageModelFixture.with(clips: 3) { fixture in
            try await fixture.ledger.setBudget(Money(dollars: 0.01), of: fixture.job)
            try await fixture.gateway(ScriptedClient()) { gateway async throws in
                let claims = try await fixture.claim()
                #expect(claims.count == 3)
                for claim in claims {
                    let reply = try await gateway.ask(LanguageModelQuery(fixture.query("for \(claim.task)").request, for: claim))
                    guard case .later(let wait, let reason) = reply else {
                        Issue.record("\(reply)")
                        return
                    }
                    #expect(reason.hasPrefix("the budget of job \(fixture.job) is reached: 0.00 USD of 0.01 USD are spent") && reason.contains("'mvfleet job \(fixture.job) budget AMOUNT'"))
                    // The last one's settlement comes after the budget was raised: it is made due too.
                    if claim.task != claims.last?.task { try await fixture.settle(claim, .deferred(by: wait, reason: reason)) }
                }
                #expect(try await fixture.ledger.sweep().due == 0)
                let raised = try await fixture.ledger.setBudget(Money(dollars: 10), of: fixture.job)
                #expect(!raised.isReached && raised.allowance == Money(dollars: 10))
                #expect(try await fixture.ledger.sweep().due == 2)
                try await fixture.settle(try #require(claims.last), .deferred(by: .seconds(3600), reason: "late"))
                try await fixture.eventually("the late one becomes due") { try await fixture.ledger.sweep().due == 1 }
                for claim in try await fixture.claim() {
                    #expect(try await gateway.ask(LanguageModelQuery(fixture.query("for \(claim.task)").request, for: claim)).text != nil)
                }
                #expect(try await fixture.number("SELECT count(*) FROM llm_waiter") == 0)
            }
            #expect(try await fixture.ledger.check() == [])
            #expect(try await fixture.ledger.auditTrail().filter { $0.action == "job.budget" }.count == 2)
        }
    }

    @Test func `other jobs go on when one has used its budget up`() async throws {
        try await LanguageModelFixture.with { fixture in
            try await fixture.ledger.setBudget(.zero, of: fixture.job)
            try await fixture.gateway(ScriptedClient()) { gateway async throws in
                #expect(try await gateway.ask(fixture.query("a")).reason?.contains("is reached") == true)
                #expect(try await gateway.ask(fixture.query("a", job: false)).text != nil)
                // Paid for by somebody: free for all.
                #expect(try await gateway.ask(fixture.query("a")).isReused)
            }
        }
    }

    @Test func `a shared task is paid for by another job that has money, and waits no longer for one that was cancelled`() async throws {
        try await LanguageModelFixture.with(clips: 2) { fixture in
            try await fixture.ledger.setBudget(.zero, of: fixture.job)
            let client = ScriptedClient()
            try await fixture.gateway(client) { gateway async throws in
                func ask(_ claim: Claim) async throws -> LanguageModelReply { try await gateway.ask(LanguageModelQuery(fixture.query("for \(claim.task)").request, for: claim)) }
                for claim in try await fixture.claim() {
                    guard case .later(let wait, let reason) = try await ask(claim) else { continue }
                    try await fixture.settle(claim, .deferred(by: wait, reason: reason))
                }
                #expect(try await fixture.ledger.sweep().due == 0)
                // The same tasks, wanted by a job with money: due again, and on its account, whichever of the two they are claimed for.
                let richer = try await fixture.submitAgain()
                try await fixture.eventually("the tasks are due") { try await fixture.ledger.sweep().due == 2 }
                let claims = try await fixture.claim()
                #expect(try await ask(claims[0]).text != nil)
                #expect(try await fixture.ledger.budgets(of: [richer]).first?.spent == Money(dollars: 0.04))
                #expect(try await fixture.budget().spent == .zero)
                // Nobody left who could pay: the first job's budget is what it waits for, until that job ends.
                try await fixture.ledger.setBudget(.zero, of: richer)
                guard case .later(let wait, let reason) = try await ask(claims[1]) else {
                    Issue.record("somebody paid")
                    return
                }
                try await fixture.settle(claims[1], .deferred(by: wait, reason: reason))
                try await fixture.ledger.cancel(fixture.job)
                try await fixture.ledger.cancel(richer)
                try await fixture.eventually("nobody waits for a job that ended") { try await fixture.number("SELECT count(*) FROM llm_waiter") == 0 }
            }
        }
    }

    @Test func `a budget of a job that is not there is refused`() async throws {
        try await LanguageModelFixture.with { fixture in
            await #expect(throws: FleetError.self) { try await fixture.ledger.setBudget(Money(dollars: 1), of: JobID(rawValue: 999)) }
        }
    }

    @Test func `a model without a price is never sent to on a budget`() async throws {
        try await LanguageModelFixture.with { fixture in
            try await fixture.ledger.setBudget(Money(dollars: 1), of: fixture.job)
            let client = ScriptedClient()
            try await fixture.gateway(client, { $0.prices = PriceTable() }) { gateway async throws in
                #expect(try await gateway.ask(fixture.query("a")).reason?.contains("no price is known for model 'priced-model'") == true)
            }
            #expect(client.calls == 0)
        }
    }
}

struct PriceTests {
    @Test func `a price is exact to a billionth of a dollar`() throws {
        let price = try PriceTable.builtIn.price(of: "gpt-4o-mini-2024-07-18")
        // 15 low-detail images and some words: 0.15, 0.075 and 0.60 dollars a million.
        let usage = ChatUsage(promptTokens: 43_001, cachedPromptTokens: 1_001, completionTokens: 999)
        #expect(price.cost(usage) == Money(nanoDollars: 42_000 * 150 + 1_001 * 75 + 999 * 600))
        #expect(price.cost(usage, isBatch: true) == Money(nanoDollars: (42_000 * 150 + 1_001 * 75 + 999 * 600 + 1) / 2))
        #expect(PriceTable.builtIn["gpt-4o-mini-2024"] == nil && PriceTable.builtIn["unheard-of"] == nil)
    }

    @Test(arguments: [("50", 50_000_000_000), ("50USD", 50_000_000_000), ("$0.25", 250_000_000), ("1.5 usd", 1_500_000_000), ("0", 0)])
    func `amounts read as people write them`(text: String, nanoDollars: Int64) {
        #expect(Money(text)?.nanoDollars == nanoDollars)
    }

    @Test(arguments: ["", "USD", "-1", "fifty", "1e3", "50EUR", "1,5", "10000000001", "1.2.3", "nan"])
    func `what is no amount is not taken for one`(text: String) { #expect(Money(text) == nil) }
}
