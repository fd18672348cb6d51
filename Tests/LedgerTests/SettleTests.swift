import FleetModel
import Ledger
import PostgreSQL
import Testing

@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct SettleTests {
    @Test func aJobRunsFromItsRootsToItsEnd() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 5)
            #expect(try await fixture.tokens().count == 10)
            let claims = try await fixture.claim("audio")
            #expect(claims.count == 5)
            #expect(claims[0].clip.audio != nil && claims[0].settings == "{}" && claims[0].upstream.isEmpty)
            #expect(try await fixture.settle(claims) == Array(repeating: .recorded, count: 5))
            #expect(try await fixture.tokens("description").isEmpty)
            try await fixture.settle(try await fixture.claim("frames"))
            try await fixture.settle(try await fixture.claim("captions"))
            let last = try await fixture.claim("description")
            #expect(last.count == 5)
            #expect(last[0].upstream == ["captions": "{\"of\":\"captions\"}", "audio": "{\"of\":\"audio\"}"])
            try await fixture.settle(last)
            #expect(try await fixture.ledger.sweep().finished == [job])
            let status = try await fixture.ledger.job(job)
            #expect(status.summary.state == .finished && status.summary.done == 20 && status.summary.open == 0)
            #expect(try await fixture.number("SELECT count(*) FROM result WHERE octet_length(upstream) = 64") == 5)
            try await fixture.expectSound()
        }
    }

    /// Hazard 8: what a fallback answered is marked, and whoever reads the results sees it.
    @Test func anAnswerOfAFallbackIsMarkedWhereverItIsRead() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("audio")
            _ = try await fixture.ledger.settle(claims.enumerated().map { index, claim in
                Settlement(task: claim.task, seq: claim.seq, outcome: .completed("{}"), degraded: index == 0, duration: .milliseconds(1))
            }, by: fixture.worker)
            let marks = try await fixture.ledger.results(of: job).compactMap { result -> Bool? in
                if case .done(_, let degraded) = result.stages["audio"] { degraded } else { nil }
            }
            #expect(marks.count == 2 && marks.count { $0 } == 1)
        }
    }
}
