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

    /// Whoever spends money on a task must know on whose account, and how urgent it is.
    @Test func aClaimSaysForWhichJobItIsAndInWhichLane() async throws {
        try await LedgerFixture.with { fixture in
            let bulk = try await fixture.job("bulk", clips: 2)
            let first = try await fixture.claim("audio", limit: 1)
            #expect(first.map(\.job) == [bulk.rawValue] && first.map(\.lane) == [.bulk])
            // The stream job takes over what it shares and nobody has begun.
            let stream = try await fixture.job("stream", clips: 2, lane: .stream)
            let second = try await fixture.claim("audio")
            #expect(second.map(\.job) == [stream.rawValue] && second.map(\.lane) == [.stream])
        }
    }

    /// Hazard 8: what a fallback answered is marked, and whoever reads the results sees it.
    @Test func anAnswerOfAFallbackIsMarkedWhereverItIsRead() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            let claims = try await fixture.claim("audio")
            _ = try await fixture.ledger.settle(claims.enumerated().map { index, claim in
                Settlement(task: claim.task, seq: claim.seq, outcome: index == 0 ? .degraded("{}") : .completed("{}"), duration: .milliseconds(1))
            }, by: fixture.worker)
            let marks = try await fixture.ledger.results(of: job).compactMap { result -> Bool? in
                if case .done(_, let degraded) = result.stages["audio"] { degraded } else { nil }
            }
            #expect(marks.count == 2 && marks.count { $0 } == 1)
        }
    }
}
