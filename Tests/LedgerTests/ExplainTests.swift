import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// The facts of an explanation and of a timeline, from the tables.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct ExplainTests {
    /// Makes the fixture's worker consume these versions, and lets somebody lead.
    private func staff(_ fixture: LedgerFixture, _ versions: [StageName: Int] = ["frames": 1, "audio": 1, "captions": 1, "description": 1]) async throws -> WorkerID {
        var registration = LedgerFixture.registration(versions.keys.sorted())
        registration.stageVersions = versions
        let worker = try await fixture.ledger.register(registration)
        _ = try await fixture.ledger.heartbeat(worker, consuming: true, holding: [LeaseRef](), lease: .seconds(60))
        _ = try await fixture.ledger.acquireLeadership(UUID(), lease: .seconds(600))
        return worker
    }

    @Test func `a clip's way through a job is told at each step`() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            let ledger = fixture.ledger
            func reasons() async throws -> ClipExplanation { try await ledger.explain(clip: "clip-000001", in: job) }
            #expect(try await reasons()["audio"]?.code == "coordinator.none")
            #expect(try await reasons()["description"] == .waits(for: ["audio", "captions"], causes: ["audio", "frames"]))
            _ = try await ledger.acquireLeadership(UUID(), lease: .seconds(600))
            // The fixture's own worker is alive and consumes nothing.
            #expect(try await reasons()["audio"] == .noWorker(StageWorkers(deaf: 1)))
            let worker = try await staff(fixture)
            guard case .queued(let ahead, _, _)? = try await reasons()["audio"] else { Issue.record("not queued"); return }
            #expect((0...2).contains(ahead))

            let claims = try await ledger.claim(try await fixture.tokens(), by: worker, lease: .seconds(60))
            let audio = try #require(claims.first { $0.stage == "audio" && $0.clip.id == "clip-000001" })
            try await ledger.markStarted([LeaseRef(audio)], by: worker)
            guard case .leased(let lease)? = try await reasons()["audio"] else { Issue.record("not leased"); return }
            #expect(lease.worker == WorkerReference(id: worker, host: "here", pid: 1, version: MVFleetVersion.current))
            #expect(lease.isStarted && lease.until.timeIntervalSince(lease.since) > 50 && lease.workerSeenAt != nil)

            let again = FleetError("audio.busy", "the decoder is busy", isRetriable: true)
            #expect(try await ledger.settle([Settlement(task: audio.task, seq: audio.seq, outcome: .failed(again), duration: .seconds(1), retryAfter: .seconds(90))],
                                            by: worker) == [.recorded])
            guard case .retries(let retry)? = try await ledger.explain(clip: "clip-000001", in: job, FleetExpectations(attemptLimits: ["audio": 5]))["audio"]
            else { Issue.record("not delayed"); return }
            #expect(retry.code == "audio.busy" && retry.failed == 1 && retry.limit == 5)

            let frames = try #require(claims.first { $0.stage == "frames" && $0.clip.id == "clip-000001" })
            _ = try await ledger.settle([Settlement(task: frames.task, seq: frames.seq, outcome: .completed("{}"), duration: .seconds(2))], by: worker)
            let told = try await reasons()
            guard case .done(let completion)? = told["frames"] else { Issue.record("not done"); return }
            #expect(completion.duration == .seconds(2) && completion.job == job && !completion.isReused && completion.worker.id == worker)
            #expect(told["captions"]?.code == "queued")
            try await ledger.pause(job)
            #expect(try await reasons()["captions"] == .jobStopped(job, .paused))
            try await fixture.expectSound()
        }
    }

    @Test func `paused stages, other versions and limits are seen`() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            _ = try await staff(fixture, ["frames": 2, "audio": 1])
            let ledger = fixture.ledger
            #expect(try await ledger.explain(clip: "clip-000000", in: job)["frames"] == .noWorker(StageWorkers(otherVersions: [2], deaf: 1)))
            try await ledger.pause(stage: "audio")
            #expect(try await ledger.explain(clip: "clip-000000", in: job)["audio"]?.code == "stage.paused")
            try await ledger.resume(stage: "audio")
            try await ledger.setRate(3, of: "audio")
            #expect(try await ledger.explain(clip: "clip-000000", in: job)["audio"]?.code == "stage.rate")
            try await ledger.setRate(nil, of: "audio")
            try await ledger.setLimit(1, of: job)
            let codes = try await [0, 1, 2].asyncMap { try await ledger.explain(clip: "clip-00000\($0)", in: job)["audio"]?.code }
            #expect(codes.count { $0 == "job.limit" } == 2 && codes.count { $0 == "queued" } == 1)
        }
    }

    @Test func `a result of an earlier job is told as reused, a shared task stands in the other's queue`() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.job("first", clips: 2)
            try await fixture.drain()
            let second = try await fixture.ledger.submit(JobRequest(name: "second", collection: "sample", lane: .bulk, graph: try Sample.diamond()))
            _ = try await fixture.ledger.plan(second)
            guard case .done(let completion)? = try await fixture.ledger.explain(clip: "clip-000000", in: second)["audio"] else { Issue.record("not done"); return }
            #expect(completion.isReused && completion.job == first)
        }
    }

    @Test func `filtered and dead endings are told with their origin`() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .filtered(reason: "static") }
            try await fixture.settle(try await fixture.claim("audio")) { _ in .failed(FleetError("audio.broken", "no sound")) }
            let told = try await fixture.ledger.explain(clip: "clip-000000", in: job)
            guard case .filtered(let filtering)? = told["captions"], case .dead(let failure)? = told["audio"] else { Issue.record("\(told)"); return }
            #expect(filtering.origin == "frames" && filtering.reason == "static")
            #expect(failure.error.code == "audio.broken" && failure.attempts == 1)
            #expect(told["description"]?.code == "filtered")
        }
    }

    @Test func `who asks for a clip that the job has not is told what is near`() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            let job = try await fixture.job(clips: 3, keys: ["clip-000000", "clip-000001"])
            _ = try await ledger.ingest([Clip(id: "elsewhere", audio: MediaReference(path: "/a.mp3", sha256: Digest.of("a")))], into: "other")
            func error(_ clip: String, in job: JobID = job) async -> FleetError? { await #expect(throws: FleetError.self) { _ = try await ledger.explain(clip: clip, in: job) } }
            let typo = await error("Clip-00000l")
            #expect(typo?.code == "clip.unknown" && typo?.message.contains("did you mean 'clip-000000'") == true, "\(String(describing: typo))")
            #expect(await error("zebra")?.message.contains("see the catalogue") == true)
            #expect(await error("elsewhere")?.message.contains("it is a clip of 'other'") == true)
            #expect(await error("clip-000002")?.code == "clip.not_selected")
            #expect(await error("clip-000000", in: JobID(rawValue: 99))?.code == "job.unknown")
            let all = try await fixture.job("all", clips: 3)
            _ = try await ledger.ingest(Sample.clips(4), into: "sample")
            #expect(await error("clip-000003", in: all)?.code == "clip.late")
        }
    }

    @Test func `a clip that the planner has not come to is told so`() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.ledger.ingest(Sample.clips(3), into: "sample")
            let job = try await fixture.ledger.submit(JobRequest(name: "late", collection: "sample", lane: .bulk, graph: try Sample.diamond()))
            #expect(try await fixture.ledger.explain(clip: "clip-000001", in: job)["audio"] == .unplanned(plannedTo: "", clips: 0, of: 3))
            #expect(try await fixture.ledger.timeline(of: "clip-000001", in: job).entries.map(\.event) == [.submitted(job)])
        }
    }

    // MARK: timeline

    @Test func `a timeline has every attempt, lost worker, retry by hand and result in order of time`() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            let job = try await fixture.job(clips: 1)
            func audio(_ outcome: Outcome<String>, retryAfter: Duration? = nil) async throws {
                try await fixture.settle(try await fixture.claim("audio"), { _ in outcome }, retryAfter: retryAfter)
                _ = try await ledger.sweep()
            }
            let busy = FleetError("audio.busy", "busy", isRetriable: true)
            try await audio(.failed(busy), retryAfter: .zero)
            let lost = try await fixture.claim("audio", lease: .zero)
            try await ledger.markStarted(lost.map { LeaseRef($0) }, by: fixture.worker)
            _ = try await ledger.sweep()
            try await audio(.failed(busy))
            #expect(try await ledger.retryFailures(FailureFilter(job: job)) == 1)
            try await audio(.failed(busy), retryAfter: .zero)
            try await audio(.completed("{}"))
            try await fixture.settle(try await fixture.claim("frames")) { _ in .filtered(reason: "static") }

            let timeline = try await ledger.timeline(of: "clip-000000", in: job)
            #expect(timeline.entries.map(\.at) == timeline.entries.map(\.at).sorted())
            #expect(timeline.entries.filter { $0.stage == "audio" }.map(\.event) == [
                .failed(counted: 1, busy, isFirstAfterRetry: false), .workerLost(strike: 1), .failed(counted: 2, busy, isFirstAfterRetry: false),
                .failed(counted: 1, busy, isFirstAfterRetry: true), .done(madeFor: job, isReused: false, isDegraded: false),
            ])
            #expect(timeline.entries.filter { $0.stage == "captions" }.map(\.event) == [.filtered(reason: "static", origin: "frames")])
            #expect(timeline.entries.filter { $0.stage == "audio" }.allSatisfy { $0.worker?.id == fixture.worker })
            #expect(timeline.gaps == [])
            // What was dropped is missed.
            try await fixture.pool.execute("DELETE FROM attempt")
            #expect(try await ledger.timeline(of: "clip-000000", in: job).gaps == ["audio: 1 of its 1 failed attempts are not kept any more"])
            try await fixture.pool.execute("UPDATE job SET submitted_at = now() - interval '100 days'")
            #expect(try await ledger.timeline(of: "clip-000000", in: job).gaps.first?.hasSuffix("are dropped: attempts are kept for 90 days") == true)
        }
    }

    @Test func `what people did to the job and its stages stands in the timeline`() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1), other = try await fixture.job("other", clips: 1)
            try await fixture.ledger.pause(job)
            try await fixture.ledger.pause(other)
            try await fixture.ledger.pause(stage: "audio")
            try await fixture.ledger.pause(stage: "unheard-of")
            let actions = try await fixture.ledger.timeline(of: "clip-000000", in: job).entries.map(\.event.code)
            #expect(actions.filter { $0 == "job.pause" }.count == 1 && actions.filter { $0 == "stage.pause" }.count == 1)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
