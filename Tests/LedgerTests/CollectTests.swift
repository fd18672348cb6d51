import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// What no job refers to is collected, and nothing else (hazard 15).
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"), .timeLimit(.minutes(10)))
struct CollectTests {
    private static func finished(_ name: String, clips: Int, frames: String = "{}", _ fixture: LedgerFixture) async throws -> JobID {
        let job = try await fixture.job(name, clips: clips, graph: try Sample.diamond(frames: frames))
        try await fixture.drain()
        _ = try await fixture.ledger.sweep()
        return job
    }

    @Test func whatOnlyADeletedJobUsedGoesAfterItsGraceTime() async throws {
        try await LedgerFixture.with { fixture in
            let old = try await Self.finished("old", clips: 5, fixture)
            let new = try await Self.finished("new", clips: 5, frames: "{\"width\":320}", fixture)
            let before = try await fixture.ledger.results(of: new)
            try await fixture.ledger.deleteJob(old)
            #expect(try await fixture.ledger.jobs().map(\.id) == [new])
            let unknown = await #expect(throws: FleetError.self) { try await fixture.ledger.job(old) }
            #expect(unknown?.code == "job.unknown")
            #expect(try await fixture.ledger.collect(grace: .seconds(3_600)) == CollectionReport(), "the grace time is not over")
            try await fixture.expectSound()

            let dry = try await fixture.ledger.collect(grace: .zero, dryRun: true)
            let report = try await fixture.ledger.collect(grace: .zero)
            #expect(dry == report)
            // Frames, captions and descriptions were the old job's own; audio is shared.
            #expect(report.jobs == 1 && report.tasks == 15 && report.results == 15 && report.resultBytes > 0)
            try await fixture.expectSound()
            #expect(try await fixture.ledger.results(of: new).map(\.key) == before.map(\.key))
            #expect(try await fixture.number("SELECT count(*) FROM result") == 20)
            #expect(try await fixture.number("SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM job_task WHERE job = $1) + (SELECT count(*) FROM job_clip WHERE job = $1)", [.int64(old.rawValue)]) == 1)
            #expect(try await fixture.ledger.collect(grace: .zero) == CollectionReport(), "a second collection finds nothing")
        }
    }

    @Test func onlyAnEndedJobIsDeleted() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 2)
            let live = await #expect(throws: FleetError.self) { try await fixture.ledger.deleteJob(job) }
            #expect(live?.code == "job.live")
            try await fixture.ledger.cancel(job)
            try await fixture.ledger.deleteJob(job)
            let gone = await #expect(throws: FleetError.self) { try await fixture.ledger.deleteJob(job) }
            #expect(gone?.code == "job.unknown")
            #expect(try await fixture.ledger.collect(grace: .zero).tasks == 8)
            #expect(try await fixture.number("SELECT count(*) FROM task") + fixture.number("SELECT count(*) FROM edge") == 0)
        }
    }

    @Test func aTaskThatAWorkerStillHasStaysWithItsInputs() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.settle(try await fixture.claim("frames"))
            let held = try await fixture.claim("captions", limit: 1)
            try await fixture.ledger.cancel(job)
            try await fixture.ledger.deleteJob(job)
            #expect(try await fixture.ledger.collect(grace: .zero).tasks == 12 - 2 , "all but the leased caption and its frames")
            try await fixture.expectSound()
            #expect(try await fixture.settle(held) == [.recorded])
            #expect(try await fixture.ledger.collect(grace: .zero).tasks == 2)
        }
    }

    @Test func whatAPausedJobSharesWithADeletedOneStillRunsWhenItIsResumed() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 3)
            let second = try await fixture.job("second", clips: 3)
            try await fixture.ledger.pause(second)
            try await fixture.ledger.cancel(first)
            try await fixture.ledger.deleteJob(first)
            #expect(try await fixture.ledger.collect(grace: .zero).tasks == 0)
            try await fixture.ledger.resume(second)
            try await fixture.drain()
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.job(second).summary.state == .finished)
            try await fixture.expectSound()
        }
    }

    @Test func supersededClipVersionsGoAndCurrentOnesStay() async throws {
        var policy = LedgerPolicy()
        policy.leastGraceOfClipVersions = .zero
        try await LedgerFixture.with(policy: policy) { fixture in
            let job = try await Self.finished("job", clips: 4, fixture)
            // New words for all clips: the description reads none of them, so only the versions change.
            _ = try await fixture.ledger.ingest((0..<4).map { number in
                var clip = Sample.clip(number)
                clip.title = "Another title"
                return clip
            }, into: "sample")
            #expect(try await fixture.ledger.collect(grace: .zero).clipVersions == 0, "a job refers to them")
            try await fixture.ledger.deleteJob(job)
            let dry = try await fixture.ledger.collect(grace: .zero, dryRun: true)
            let report = try await fixture.ledger.collect(grace: .zero)
            #expect(report.clipVersions == 4)
            #expect(dry == report)
            #expect(try await fixture.number("SELECT count(*) FROM clip_version") == 4)
            try await fixture.expectSound()
        }
    }

    /// A collection is killed in the middle: what it did is sound, and the next one does the rest.
    @Test func aCollectionThatIsCutShortIsGoneOnWith() async throws {
        var policy = LedgerPolicy()
        policy.sweepBatch = 3
        try await LedgerFixture.with(policy: policy) { fixture in
            let job = try await Self.finished("job", clips: 10, fixture)
            try await fixture.ledger.deleteJob(job)
            struct Killed: Error {}
            for cut in 1...4 {
                let collecting = Task { try await fixture.ledger.collect(grace: .zero) }
                try await fixture.waitUntil("SELECT CASE WHEN (SELECT count(*) FROM job_task) + (SELECT count(*) FROM task) <= \(80 - 18 * cut) THEN 1 ELSE 0 END", is: 1)
                collecting.cancel()
                _ = await collecting.result
                try await fixture.expectSound()
            }
            _ = try await fixture.ledger.collect(grace: .zero)
            #expect(try await fixture.number("SELECT count(*) FROM task") + fixture.number("SELECT count(*) FROM result") + fixture.number("SELECT count(*) FROM job") == 0)
        }
    }

    /// Jobs are planned over the very results that a collection is about to take: each job finds a result or makes it, and ends whole.
    @Test func aJobThatIsPlannedMeanwhileKeepsWhatItReuses() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 5
        policy.sweepBatch = 7
        try await LedgerFixture.with(policy: policy) { fixture in
            for _ in 0..<5 {
                let old = try await Self.finished("old", clips: 40, fixture)
                try await fixture.ledger.deleteJob(old)
                async let collected = fixture.ledger.collect(grace: .zero)
                async let planned = fixture.job("new", clips: 40)
                let (_, job) = try await (collected, planned)
                try await fixture.expectSound()
                try await fixture.drain()
                _ = try await fixture.ledger.sweep()
                let summary = try await fixture.ledger.job(job).summary
                #expect(summary.state == .finished && summary.done + summary.reused == 160, "\(summary)")
                try await fixture.expectSound()
                try await fixture.ledger.deleteJob(job)
            }
        }
    }

    @Test func onlyOneCollectsAtATime() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.ledger.withCollectionLock {
                let error = await #expect(throws: FleetError.self) { try await fixture.ledger.withCollectionLock {} }
                #expect(error?.code == "collection.busy")
            }
            try await fixture.ledger.withCollectionLock {}
        }
    }

    @Test func blobsAreFoundWhereverAResultNamesThem() async throws {
        let (one, two) = (Digest.of("one"), Digest.of("two"))
        #expect(Ledger.digests(in: "{\"a\":[\"\(one)\"],\"b\":\"x/\(two).jpg\",\"c\":\"\(one)0\",\"d\":\"\(one.hex.uppercased())\"}") == [one, two])
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .completed("{\"blobs\":[\"\(one)\",\"\(two)\"]}") }
            try await fixture.drain()
            var found: Set<Digest> = []
            try await fixture.ledger.blobReferences { found.formUnion($0.map(\.blob)) }
            #expect(found == [one, two])
        }
    }

    /// Money was paid for it: a job that is submitted anew before its tasks are collected does not pay again.
    @Test func aLanguageModelsAnswerStaysAsLongAsItsTask() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1, graph: try StageGraph([Sample.plan("lyrics", reads: [.lyrics])]))
            let gateway = UUID(), claim = try #require(try await fixture.claim().first)
            let intent = LanguageModelIntent(digest: Digest.of("a request").bytes, task: claim.task, job: claim.job, stage: claim.stage, model: "m", reserve: Money(nanoDollars: 5))
            #expect(try await fixture.ledger.intend([intent], isAsking: [true], by: gateway) == [.send])
            let answer = RecordedAnswer(text: "words", finishReason: "stop", refusal: nil, model: "m", endpoint: "", usage: nil, cost: Money(nanoDollars: 3), isBatch: false)
            // Whether the first time was heard is not known: twice is once.
            for _ in 0..<2 { try await fixture.ledger.end([LanguageModelEnding(intent: intent, answer: answer, receipt: 7)], by: gateway) }
            #expect(try await fixture.ledger.budgets(of: [job]).map(\.spent) == [Money(nanoDollars: 3)])
            #expect(try await fixture.ledger.languageModelUsage(of: job).map(\.requests) == [1])
            #expect(try await fixture.ledger.languageModelUsage(ofTask: claim.task).map(\.cost) == [Money(nanoDollars: 3)])
            try await fixture.settle([claim])
            #expect(try await fixture.ledger.sweep().finished == [job])
            #expect(try await fixture.ledger.collect(grace: .zero).answers == 0)
            try await fixture.ledger.deleteJob(job)
            #expect(try await fixture.ledger.collect(grace: .seconds(3600)).answers == 0)
            #expect(try await fixture.ledger.intend([intent], isAsking: [true], by: gateway) == [.answered(answer)])
            #expect(try await fixture.ledger.collect(grace: .zero).answers == 1)
            #expect(try await fixture.number("SELECT count(*) FROM llm_answer") == 0)
            #expect(try await fixture.number("SELECT count(*) FROM llm_budget") == 0)
        }
    }

    @Test func picturesOfRequestsThatWaitForABatchAreReferredTo() async throws {
        try await LedgerFixture.with { fixture in
            let blob = Digest.of("a picture")
            let intent = LanguageModelIntent(digest: Digest.of("a request").bytes, task: 1, job: nil, stage: "lyrics", model: "m", reserve: nil)
            #expect(try await fixture.ledger.queue([LanguageModelLine(intent: intent, request: "{\"image\":\"\(blob)\"}", byteCount: 1, tokens: 1)]) == [.inBatch])
            var found: [Digest] = []
            try await fixture.ledger.blobReferences { found += $0.map(\.blob) }
            #expect(found == [blob])
        }
    }
}
