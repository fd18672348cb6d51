import FleetModel
import Foundation
import Ledger
import PostgreSQL
import Testing

/// What people set: stages, limits, and the record of who set them.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct ControlTests {
    @Test func aPausedStageIsNeitherDispatchedNorClaimed() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 4)
            let sent = try await fixture.tokens()
            try await fixture.ledger.pause(stage: "audio")
            #expect(try await Set(fixture.ledger.openQueues().map(\.stage)) == ["frames", "captions", "description"])
            // What was sent before finds nothing, and is not lost.
            #expect(try await Set(fixture.ledger.claim(sent, by: fixture.worker, lease: .seconds(60)).map(\.stage)) == ["frames"])
            #expect(try await fixture.claim("audio").isEmpty)
            try await fixture.ledger.resume(stage: "audio")
            // A worker has dropped it meanwhile: it is sent again.
            #expect(try await fixture.ledger.claim(sent, by: fixture.worker, lease: .seconds(60)).isEmpty)
            #expect(try await fixture.claim("audio").count == 4)
            try await fixture.expectSound()
        }
    }

    @Test func aStageIsPausedBeforeAnyJobNamesIt() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.ledger.pause(stage: "audio")
            _ = try await fixture.job(clips: 2)
            #expect(try await fixture.claim().map(\.stage) == ["frames", "frames"])
        }
    }

    @Test func aRateIsKeptAndCallsBackWhatWasSent() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 3)
            let sent = try await fixture.tokens()
            try await fixture.ledger.setRate(20, of: "audio")
            #expect(try await fixture.ledger.openQueues().filter { $0.stageRate == 20 }.map(\.stage) == ["audio"])
            #expect(try await fixture.ledger.claim(sent, by: fixture.worker, lease: .seconds(60)).map(\.stage) == ["frames", "frames", "frames"])
            #expect(try await fixture.tokens("audio").count == 3)
            #expect(try await fixture.ledger.stageControls()["audio"]?.rate == 20)
            try await fixture.ledger.setRate(nil, of: "audio")
            #expect(try await fixture.ledger.openQueues().allSatisfy { $0.stageRate == nil })
            let error = await #expect(throws: FleetError.self) { try await fixture.ledger.setRate(0, of: "audio") }
            #expect(error?.code == "control.rate")
            try await fixture.expectSound()
        }
    }

    @Test func aJobsLimitIsKeptAndCallsBackWhatWasSent() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 3)
            let held = try await fixture.claim("audio", limit: 2)
            let sent = try await fixture.tokens()
            try await fixture.ledger.setLimit(2, of: job)
            #expect(try await fixture.ledger.openQueues().allSatisfy { $0.jobLimit == 2 })
            #expect(try await fixture.ledger.leases(of: [job]) == [job: 2])
            #expect(try await fixture.ledger.claim(sent, by: fixture.worker, lease: .seconds(60)).isEmpty)
            #expect(try await fixture.settle(held) == [.recorded, .recorded])
            try await fixture.ledger.setLimit(nil, of: job)
            #expect(try await fixture.claim().count == 4)
            try await fixture.expectSound()
        }
    }

    @Test func aStagesOverviewCountsWhatStandsInItsQueues() async throws {
        try await LedgerFixture.with { fixture in
            _ = try await fixture.job(clips: 5)
            try await fixture.settle(try await fixture.claim("audio", limit: 1)) { _ in .failed(FleetError("audio.broken", "broken")) }
            _ = try await fixture.claim("audio", limit: 1)
            try await fixture.ledger.pause(stage: "audio")
            let overview = try await fixture.ledger.overview(of: ["audio", "unheard-of"])
            #expect(overview.map(\.control.isPaused) == [true, false])
            #expect(overview.map(\.ready) == [3, 0] && overview.map(\.running) == [1, 0] && overview.map(\.dead) == [1, 0] && overview.map(\.workers) == [1, 0])
        }
    }

    @Test func everyChangeIsRecordedWithWhoMadeIt() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1)
            let ledger = Ledger(pool: fixture.pool, principal: "ada@here")
            try await ledger.pause(job)
            try await ledger.pause(job)
            try await ledger.setPriority(5, of: job)
            try await ledger.setRate(2.5, of: "audio")
            let trail = try await ledger.auditTrail()
            #expect(trail.map(\.action) == ["stage.rate", "job.priority", "job.pause"])
            #expect(trail.map(\.filter) == ["{\"rate\":2.5,\"stage\":\"audio\"}", "{\"job\":\(job),\"priority\":5}", "{\"job\":\(job)}"])
            #expect(trail.allSatisfy { $0.who == "ada@here" && $0.count == 1 })
            #expect(try await ledger.auditTrail(since: trail[0].at.addingTimeInterval(1)).isEmpty)
        }
    }
}
