import FleetModel
import Ledger
import PostgreSQL
import Testing

@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct PlanTests {
    @Test func fingerprintsAreThoseOfTheStageGraph() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3, graph: try Sample.pipeline())
            let stored = try await fixture.pool.query("SELECT fp FROM task").map { try $0.bytea(0) }
            let expected = try Sample.clips(3).flatMap { clip in try Sample.pipeline().fingerprints(of: clip).map(\.fingerprint.digest.bytes) }
            #expect(Set(stored) == Set(expected))
            #expect(stored.count == 24)
        }
    }

    @Test func aSecondJobReusesEveryResult() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 5)
            try await fixture.drain()
            let again = try await fixture.ledger.submit(JobRequest(name: "again", collection: "sample", graph: try Sample.diamond()))
            let report = try await fixture.ledger.plan(again)
            #expect(report.reused == 20 && report.created == 0)
            _ = try await fixture.ledger.sweep()
            let status = try await fixture.ledger.job(again)
            #expect(status.summary.state == .finished && status.summary.reused == 20 && status.summary.done == 0)
            try await fixture.expectSound()
        }
    }

    @Test func aChangedRecipeRunsItAndWhatFollows() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 4)
            try await fixture.drain()
            let changed = try Sample.diamond(audio: "{\"window\":4096}")
            let estimate = try await fixture.ledger.estimate(JobRequest(name: "b", collection: "sample", graph: changed))
            #expect(estimate.map(\.toRun) == [4, 0, 0, 4])
            #expect(estimate.map(\.reused) == [0, 4, 4, 0])
            let job = try await fixture.ledger.submit(JobRequest(name: "b", collection: "sample", graph: changed))
            let report = try await fixture.ledger.plan(job)
            #expect(report.created == 8 && report.reused == 8)
            // Only the roots that changed are ready: the rest of description's inputs are there.
            #expect(try await fixture.tokens().count == 4)
            try await fixture.drain()
            try await fixture.expectSound()
        }
    }

    @Test func clipsThatShareMediaShareTasksAcrossChunks() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 2
        try await LedgerFixture.with(policy: policy) { fixture in
            var twin = Sample.clip(9, media: 0)
            twin.metadata = [:]
            _ = try await fixture.ledger.ingest(Sample.clips(4) + [twin, Sample.clip(8, media: 0)], into: "sample")
            let job = try await fixture.ledger.submit(JobRequest(name: "twins", collection: "sample", graph: try Sample.diamond()))
            _ = try await fixture.ledger.plan(job)
            #expect(try await fixture.number("SELECT count(*) FROM task") == 16)
            try await fixture.drain()
            #expect(try await fixture.ledger.results(of: job).count == 6)
            try await fixture.expectSound()
        }
    }

    @Test func planningGoesOnWhereItWasKilled() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 3
        try await LedgerFixture.with(policy: policy) { fixture in
            _ = try await fixture.ledger.ingest(Sample.clips(20), into: "sample")
            let job = try await fixture.ledger.submit(JobRequest(name: "killed", collection: "sample", graph: try Sample.diamond()))
            let planning = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await fixture.ledger.plan(job) { progress in if progress.clipsPlanned >= 6 { withUnsafeCurrentTask { $0?.cancel() } } } }
                    try await group.waitForAll()
                }
            }
            _ = await planning.result
            #expect(try await fixture.ledger.unplannedJobs() == [job])
            #expect(try await fixture.ledger.job(job).summary.isPlanned == false)
            _ = try await fixture.ledger.plan(job)
            let status = try await fixture.ledger.job(job)
            #expect(status.summary.isPlanned && status.summary.clipsPlanned == 20 && status.summary.total == 80)
            #expect(try await fixture.ledger.plan(job) == PlanReport())
            try await fixture.expectSound()
        }
    }

    @Test func twoPlannersOfOneJobAndOfTwoJobsOverTheSameClipsAgree() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 10
        try await LedgerFixture.with(policy: policy) { fixture in
            _ = try await fixture.ledger.ingest(Sample.clips(200), into: "sample")
            let first = try await fixture.ledger.submit(JobRequest(name: "a", collection: "sample", graph: try Sample.diamond()))
            let second = try await fixture.ledger.submit(JobRequest(name: "b", collection: "sample", graph: try Sample.diamond()))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for job in [first, first, second] { group.addTask { _ = try await fixture.ledger.plan(job) } }
                try await group.waitForAll()
            }
            #expect(try await fixture.number("SELECT count(*) FROM task") == 800)
            #expect(try await fixture.ledger.job(first).summary.total == 800)
            #expect(try await fixture.ledger.job(second).summary.total == 800)
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished.count == 2)
            try await fixture.expectSound()
        }
    }

    @Test func aDeadTaskIsInheritedOrRunAgainAsTheJobSays() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job(clips: 2)
            try await fixture.settle(try await fixture.claim("audio")) { _ in .failed(FleetError("audio.broken", "no sound")) }
            try await fixture.drain()
            #expect(try await fixture.ledger.sweep().finished == [first])
            let heir = try await fixture.ledger.submit(JobRequest(name: "heir", collection: "sample", graph: try Sample.diamond(), inheritsDead: true))
            #expect(try await fixture.ledger.plan(heir).dead == 2)
            #expect(try await fixture.ledger.sweep().finished == [heir])
            #expect(try await fixture.ledger.job(heir).stages.last?.blocked == 2)
            let again = try await fixture.ledger.submit(JobRequest(name: "again", collection: "sample", graph: try Sample.diamond()))
            #expect(try await fixture.ledger.plan(again).dead == 0)
            #expect(try await fixture.ledger.job(first).summary.state == .running)
            try await fixture.expectSound()
            try await fixture.drain()
            #expect(Set(try await fixture.ledger.sweep().finished) == [first, heir, again])
            #expect(try await fixture.ledger.job(first).summary.dead == 0)
            try await fixture.expectSound()
        }
    }

    @Test func whatHangsOnAFilteredTaskOfAnEarlierJobIsFilteredAtOnce() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .filtered(reason: "a still picture") }
            let job = try await fixture.ledger.submit(JobRequest(name: "b", collection: "sample", graph: try Sample.diamond(description: "{\"new\":1}")))
            let report = try await fixture.ledger.plan(job)
            #expect(report.filtered == 6 && report.shared == 2)
            try await fixture.drain()
            let ending = try #require(try await fixture.ledger.results(of: job).first?.stages["description"])
            guard case .filtered(let reason, let by) = ending else { Issue.record("\(ending)"); return }
            #expect(reason == "a still picture" && by == "frames")
            #expect(try await fixture.ledger.endings(of: job).contains(EndingCount(stage: "description", state: .filtered, reason: "a still picture", by: "frames", count: 2)))
            try await fixture.expectSound()
        }
    }

    /// A catalogue that moved: what is still to run looks where the file is now.
    @Test func anOpenTaskRunsOnTheNewestVersionOfItsClip() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 1)
            var moved = Sample.clip(0)
            moved.audio?.path = "/elsewhere/0.mp3"
            _ = try await fixture.ledger.ingest([moved], into: "sample")
            let job = try await fixture.ledger.submit(JobRequest(name: "b", collection: "sample", graph: try Sample.diamond()))
            #expect(try await fixture.ledger.plan(job).shared == 4)
            #expect(try await fixture.claim("audio").first?.clip.audio?.path == "/elsewhere/0.mp3")
        }
    }
}
