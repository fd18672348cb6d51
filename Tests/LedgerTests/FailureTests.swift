import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// Dead tasks by filter: listing, running again, putting aside, and what the record says of it.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct FailureTests {
    private let busy = FleetError("llm.busy", "busy", isRetriable: true)
    private let broken = FleetError("video.broken", "no picture")
    private let poison = FleetError(.timeLimit, "did not end", isRetriable: true)

    private func oneStage() throws -> StageGraph { try StageGraph([Sample.plan("frames", reads: [.video])]) }

    @Test func classesAreListedAndFilteredBy() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 6, graph: try oneStage())
            let errors = [busy, busy, busy, broken, broken, poison]
            var index = 0
            try await fixture.settle(try await fixture.claim()) { _ in
                defer { index += 1 }
                return .failed(errors[index])
            }
            let counts = try await fixture.ledger.failureCounts(FailureFilter())
            #expect(counts.map(\.count) == [3, 2, 1])
            #expect(counts.map(\.failureClass) == [.retryable, .permanent, .poison])
            for (kind, count) in [(FailureClass.retryable, 3), (.permanent, 2), (.poison, 1), (.filtered, 0)] {
                #expect(try await fixture.ledger.failureTotal(FailureFilter(failureClass: kind)) == count)
                #expect(try await fixture.ledger.failures(FailureFilter(failureClass: kind)).allSatisfy { $0.failureClass == kind })
            }
        }
    }

    @Test func timesAndNumbersAreFilters() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 4, graph: try oneStage())
            let claims = try await fixture.claim()
            try await fixture.settle(claims) { _ in .failed(broken) }
            try await fixture.pool.execute("UPDATE dead SET at = now() - interval '3 hours' WHERE task = ANY ($1)", [.int64Array(claims.prefix(3).map(\.task))])
            let hourAgo = Date(timeIntervalSinceNow: -3600)
            #expect(try await fixture.ledger.failureTotal(FailureFilter(since: hourAgo)) == 1)
            #expect(try await fixture.ledger.failureTotal(FailureFilter(until: hourAgo)) == 3)
            #expect(try await fixture.ledger.failures(FailureFilter(tasks: [claims[1].task])).map(\.task) == [claims[1].task])
            #expect(try await fixture.ledger.retryFailures(FailureFilter(tasks: [claims[0].task, claims[3].task, 999_999])) == 2)
            try await fixture.expectSound()
        }
    }

    /// In the server, in bounded transactions, and recorded as a whole.
    @Test func fiveThousandAreRunAgainAfterADryRun() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 5000, graph: try oneStage())
            try await fixture.settle(try await fixture.claim()) { _ in .failed(broken) }
            #expect(try await fixture.ledger.sweep().finished == [job])
            let ledger = Ledger(pool: fixture.pool, principal: "ada@here")
            let filter = FailureFilter(stage: "frames", code: "video.broken", job: job)
            #expect(try await ledger.retryFailures(filter, dryRun: true) == 5000)
            #expect(try await ledger.failureTotal(filter) == 5000)
            #expect(try await ledger.auditTrail().isEmpty)
            #expect(try await ledger.retryFailures(filter) == 5000)
            #expect(try await ledger.failureTotal(filter) == 0)
            let status = try await ledger.job(job)
            #expect(status.summary.state == .running && status.summary.dead == 0 && status.stages[0].ready == 5000)
            let trail = try await ledger.auditTrail()
            #expect(trail.map(\.action) == ["failures.retry"] && trail.map(\.count) == [5000])
            #expect(trail[0].filter == "{\"code\":\"video.broken\",\"job\":\(job),\"stage\":\"frames\"}")
            try await fixture.drain()
            #expect(try await ledger.sweep().finished == [job])
            try await fixture.expectSound()
        }
    }

    @Test func whatIsPutAsideIsCountedApartAndComesBack() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 5)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .failed(broken) }
            try await fixture.settle(try await fixture.claim("audio"))
            let ledger = fixture.ledger
            #expect(try await ledger.discardFailures(FailureFilter(job: job)) == 5)
            #expect(try await ledger.discardFailures(FailureFilter(job: job)) == 0)
            var status = try await ledger.job(job)
            #expect(status.summary.dead == 0 && status.summary.discarded == 5)
            let frames = try #require(status.stages.first { $0.stage == "frames" })
            #expect(frames.dead == 0 && frames.discarded == 5 && frames.waiting == 0)
            #expect(try await ledger.jobs().map(\.discarded) == [5])
            #expect(try await ledger.failureTotal(FailureFilter()) == 0)
            #expect(try await ledger.retryFailures(FailureFilter()) == 0)
            #expect(try await ledger.failures(FailureFilter(discarded: .only)).count == 5)
            // Put aside is no obstacle to the job's end.
            #expect(try await ledger.sweep().finished == [job])

            let two = try await ledger.failures(FailureFilter(discarded: .only), limit: 2).map(\.task)
            #expect(try await ledger.restoreFailures(FailureFilter(tasks: two)) == 2)
            status = try await ledger.job(job)
            #expect(status.summary.dead == 2 && status.summary.discarded == 3)
            #expect(try await ledger.retryFailures(FailureFilter(discarded: .only)) == 3)
            status = try await ledger.job(job)
            #expect(status.summary.dead == 2 && status.summary.discarded == 0 && status.summary.state == .running)
            #expect(try await ledger.auditTrail().map(\.count) == [3, 2, 0, 0, 5])
            try await fixture.drain()
            try await fixture.expectSound()
        }
    }

    @Test func aTasksAttemptsAreShownAndCountedByCode() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 2, graph: try oneStage())
            for error in [busy, poison, busy] {
                let claims = try await fixture.claim()
                try await fixture.settle(Array(claims.prefix(1)), { _ in .failed(error) }, retryAfter: .zero)
                try await fixture.ledger.release(claims.dropFirst().map { LeaseRef($0) }, by: fixture.worker)
                _ = try await fixture.ledger.sweep()
            }
            let claims = try await fixture.claim()
            let again = try #require(claims.first { $0.attempt == 3 })
            #expect(try await fixture.ledger.failureCodes(of: claims.filter { $0.attempt > 0 }) == [again.task: ["llm.busy": 2, .timeLimit: 1]])
            try await fixture.settle([again]) { _ in .failed(broken) }
            let history = try #require(try await fixture.ledger.history(of: again.task))
            #expect(history.attempts.map(\.error.code) == ["llm.busy", .timeLimit, "llm.busy", "video.broken"] && history.clipKey == again.clip.id)
            guard case .dead(let failure) = history.ending else { Issue.record("\(history)"); return }
            #expect(failure.failureClass == .permanent && failure.attempts == 4)
            #expect(try await fixture.ledger.histories(ofClip: again.clip.id).map(\.task) == [again.task])
            // Run again, it has all its attempts: the log remembers, the count does not.
            #expect(try await fixture.ledger.retryFailures(FailureFilter()) == 1)
            try await fixture.settle(try await fixture.claim(), { _ in .failed(busy) }, retryAfter: .zero)
            _ = try await fixture.ledger.sweep()
            #expect(try await fixture.ledger.failureCodes(of: try await fixture.claim()) == [again.task: ["llm.busy": 1]])
        }
    }

    @Test func whatWasFilteredIsListedByReason() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            try await fixture.settle(try await fixture.claim("frames")) { _ in .filtered(reason: "static image") }
            let counts = try await fixture.ledger.filteredCounts(FailureFilter(job: job))
            #expect(counts.map(\.count) == [3] && counts[0].stage == "frames" && counts[0].example == "static image" && counts[0].failureClass == .filtered)
            guard case .filtered(let reason, _)? = try await fixture.ledger.histories(ofClip: "clip-000001").last?.ending else { Issue.record("no ending"); return }
            #expect(reason == "static image")
        }
    }

    /// A failure that was put aside is not taken up by the next job; one that may have passed is.
    @Test func aLaterJobLeavesWhatWasPutAside() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job("first", clips: 4, graph: try oneStage())
            try await fixture.settle(try await fixture.claim()) { _ in .failed(busy) }
            let aside = try await fixture.ledger.failures(FailureFilter(), limit: 1).map(\.task)
            #expect(try await fixture.ledger.discardFailures(FailureFilter(tasks: aside)) == 1)
            _ = try await fixture.job("second", clips: 4, graph: try oneStage(), inheritsDead: true)
            #expect(try await fixture.claim().count == 3)
            try await fixture.expectSound()
        }
    }

    @Test func workersAreDrainedByNumberHostAndStage() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = fixture.ledger
            func worker(_ host: String, _ stages: [StageName]) async throws -> WorkerID {
                try await ledger.register(WorkerRegistration(incarnation: UUID(), host: host, pid: 1, stages: stages, slots: 1))
            }
            let a = try await worker("gpu-1/abc/1", ["frames"])
            let b = try await worker("gpu-1/abc/1", ["audio"])
            let c = try await worker("gpu-2/abc/1", ["audio", "frames"])
            let gone = try await worker("gpu-2/abc/1", ["audio"])
            try await ledger.deregister(gone)
            #expect(try await ledger.requestDrain(WorkerFilter(ids: [a])) == [a])
            var directives: [WorkerDirective] = []
            for id in [a, b, gone] { directives.append(try await ledger.directive(for: id)) }
            #expect(directives == [.drain, .carryOn, .unknown])
            #expect(try await ledger.requestDrain(WorkerFilter(host: "gpu-1", stage: "audio")) == [b])
            #expect(try await ledger.requestDrain(WorkerFilter(host: "gpu-2")) == [c])
            #expect(try await ledger.requestDrain(WorkerFilter(ids: [gone])) == [])
            #expect(try await ledger.auditTrail().map(\.filter) == ["{\"ids\":[\(gone)]}", "{\"host\":\"gpu-2\"}", "{\"host\":\"gpu-1\",\"stage\":\"audio\"}", "{\"ids\":[\(a)]}"])
        }
    }
}
