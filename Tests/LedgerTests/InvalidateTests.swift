import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// Results that are no good are made again, with all that was made from them (hazard 8).
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"), .timeLimit(.minutes(10)))
struct InvalidateTests {
    private static func filter(_ stage: StageName) -> ResultFilter {
        var filter = ResultFilter()
        filter.stage = stage
        return filter
    }

    @Test func everythingMadeFromAResultGoesWithIt() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 6)
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            let dry = try await fixture.ledger.countInvalid(Self.filter("frames"))
            #expect(dry.named == 6 && dry.tasks == ["frames": 6, "captions": 6, "description": 6] && dry.jobs == [job])
            #expect(try await fixture.ledger.job(job).summary.state == .finished, "a dry run changes nothing")

            let report = try await fixture.ledger.invalidate(Self.filter("frames"), rerun: true)
            #expect(report == dry)
            try await fixture.expectSound()
            #expect(try await fixture.number("SELECT count(*) FROM result") == 6, "audio stands")
            let status = try await fixture.ledger.job(job)
            #expect(status.summary.state == .running && status.summary.done == 6)
            #expect(try await fixture.tokens().map(\.queue).count == 6, "frames are ready, the others wait for them")
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.job(job).summary.state == .finished)
            #expect(try await fixture.ledger.job(job).summary.done == 24)
            try await fixture.expectSound()
        }
    }

    @Test func withoutRerunAnEndedJobIsPausedAndANewOneMakesTheResultsAgain() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 4)
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.invalidate(Self.filter("captions")).jobs == [first])
            #expect(try await fixture.ledger.job(first).summary.state == .paused)
            #expect(try await fixture.claim().isEmpty)
            try await fixture.expectSound()

            let second = try await fixture.job("second", clips: 4)
            #expect(try await fixture.ledger.job(second).summary.reused == 8, "frames and audio; captions and descriptions are not found again")
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.job(second).summary.state == .finished)
            #expect(try await fixture.ledger.job(first).summary.state == .finished, "its results are whole again, by another's work")
            try await fixture.expectSound()
        }
    }

    @Test func aPausedJobRunsTheRestWhenItIsResumed() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            _ = try await fixture.ledger.invalidate(Self.filter("description"))
            try await fixture.ledger.resume(job)
            #expect(try await fixture.claim().count == 3)
        }
    }

    @Test func onlyWhatTheFilterNamesIsMeant() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 4)
            _ = try await fixture.ledger.settle(try await fixture.claim("audio").map {
                var settlement = Settlement(task: $0.task, seq: $0.seq, outcome: .completed("\"words\""), duration: .zero)
                settlement.degraded = $0.clip.id.hasSuffix("1")
                return settlement
            }, by: fixture.worker)
            try await fixture.drain()
            var degraded = Self.filter("audio")
            degraded.degradedOnly = true
            #expect(try await fixture.ledger.countInvalid(degraded).tasks == ["audio": 1, "description": 1])
            var late = Self.filter("audio")
            late.since = Date(timeIntervalSinceNow: 3_600)
            #expect(try await fixture.ledger.countInvalid(late).named == 0)
            var version = Self.filter("audio")
            version.version = 7
            let error = await #expect(throws: FleetError.self) { try await fixture.ledger.invalidate(version) }
            #expect(error?.code == "result.no_recipe")
            var recipe = ResultFilter()
            recipe.recipe = String(Sample.plan("audio", reads: [.audio]).recipe.digest.hex.prefix(10))
            #expect(try await fixture.ledger.countInvalid(recipe).named == 4)
        }
    }

    @Test func verdictsFailuresAndLeasesOfDependentsGoToo() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 4)
            // Clip 0 is filtered by its frames, clip 1's captions fail, clip 2's captions are leased, clip 3's are delayed.
            try await fixture.settle(try await fixture.claim("frames")) { $0.clip.id.hasSuffix("0") ? .filtered(reason: "static") : .completed("\"wrong\"") }
            let captions = try await fixture.claim("captions")
            try await fixture.settle(captions.filter { $0.clip.id.hasSuffix("1") }) { _ in .failed(FleetError("test.broken", "no caption")) }
            try await fixture.settle(captions.filter { $0.clip.id.hasSuffix("3") }) { _ in .deferred(by: .seconds(600), reason: "later") }
            let report = try await fixture.ledger.invalidate(Self.filter("frames"), rerun: true)
            #expect(report.named == 4 && report.tasks["captions"] == 4)
            try await fixture.expectSound()
            #expect(try await fixture.settle(captions.filter { $0.clip.id.hasSuffix("2") }) { _ in .completed("\"from a wrong input\"") } == [.refused])
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.job(job).summary.done == 16)
            try await fixture.expectSound()
        }
    }

    @Test func aVerdictOfAnotherUpstreamStands() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .filtered(reason: "static") }
            try await fixture.settle(try await fixture.claim("audio"))
            let dry = try await fixture.ledger.countInvalid(Self.filter("audio"))
            let report = try await fixture.ledger.invalidate(Self.filter("audio"))
            #expect(dry.tasks == report.tasks)
            #expect(report.tasks == ["audio": 2], "the descriptions are filtered by their frames, and stay so")
            try await fixture.expectSound()
        }
    }

    /// Planners reuse, workers settle, and results are taken away under both, again and again: the ledger stays sound, and every job ends whole.
    @Test func itIsSafeBesidePlannersAndSettlements() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 7
        try await LedgerFixture.with(policy: policy) { fixture in
            _ = try await fixture.ledger.ingest(Sample.clips(60), into: "sample")
            let graph = try Sample.pipeline()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for planner in 0..<3 {
                    group.addTask {
                        for round in 0..<4 {
                            let job = try await fixture.ledger.submit(JobRequest(name: "job \(planner) \(round)", collection: "sample", graph: graph))
                            _ = try await fixture.ledger.plan(job)
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        for _ in 0..<40 { try await fixture.settle(try await fixture.claim(limit: 40)) }
                    }
                }
                group.addTask {
                    for round in 0..<12 {
                        let stage: StageName = ["frames", "audio", "mv-type", "music-caption"][round % 4]
                        if (try? await fixture.ledger.invalidate(Self.filter(stage), rerun: true)) == nil { await Task.yield() }
                        _ = try await fixture.ledger.sweep()
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.expectSound()
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            for job in try await fixture.ledger.jobs() {
                #expect(job.state == .finished && job.done + job.reused == 480, "\(job)")
            }
            try await fixture.expectSound()
        }
    }
}
