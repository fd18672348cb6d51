import FleetModel
import Ledger
import PostgreSQL
import Testing

/// The oracle under fire: duplicated and shuffled deliveries, workers that vanish, workers that stall past their lease and settle late, and a planner that grows the
/// graph over the tasks that are running. In the end each task has exactly one ending, and nothing is left over.
@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct FaultTests {
    @Test func everyTaskEndsOnceWhateverHappensOnTheWay() async throws {
        var policy = LedgerPolicy()
        policy.clipsPerPlanChunk = 10
        policy.strikesUntilQuarantine = 1_000
        try await LedgerFixture.with(policy: policy) { fixture in
            _ = try await fixture.ledger.ingest(Sample.clips(80), into: "sample")
            let jobs = try await withThrowingTaskGroup(of: JobID.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        let lane: Lane = number == 1 ? .stream : .bulk
                        let graph = try Sample.diamond(description: "{\"v\":\(number)}")
                        return try await fixture.ledger.submit(JobRequest(name: "job \(number)", collection: "sample", lane: lane, graph: graph))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for job in jobs { _ = try await fixture.ledger.plan(job) } }
                group.addTask {
                    while try await fixture.unfinished(jobs) { _ = try await fixture.ledger.sweep() }
                }
                for number in 0..<3 {
                    group.addTask {
                        var random = SplitMix(state: UInt64(number))
                        var stalled: [Claim] = []
                        while try await fixture.unfinished(jobs) {
                            // Deliveries come twice, in any order.
                            let tokens = try await fixture.tokens().shuffled(using: &random).prefix(40)
                            let claims = try await fixture.ledger.claim(Array(tokens) + tokens.prefix(10), by: fixture.worker, lease: .milliseconds(40))
                            switch random.next() % 10 {
                            case 0: break
                            case 1: stalled += claims
                            case 2: try await fixture.ledger.release(claims.map { LeaseRef($0) }, by: fixture.worker)
                            case 3: try await fixture.settle(claims, { _ in .failed(FleetError("test.fault", "again", isRetriable: true)) }, retryAfter: .zero)
                            default:
                                try await fixture.ledger.markStarted(claims.map { LeaseRef($0) }, by: fixture.worker)
                                let still = claims.first.map { $0.stage == "frames" && $0.clip.id.hasSuffix("7") } ?? false
                                try await fixture.settle(claims) { still && $0.clip.id.hasSuffix("7") ? .filtered(reason: "still") : .completed("{}") }
                            }
                            if random.next() % 4 == 0, !stalled.isEmpty {
                                try await fixture.settle(stalled) { _ in .completed("\"late\"") }
                                stalled = []
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.expectSound()
            let left = try await fixture.ledger.counts()
            #expect(left == LedgerCounts(ready: 0, running: 0, delayed: 0, open: 0))
            #expect(try await fixture.number("SELECT count(*) FROM task") == 80 * 6)
        }
    }
}

extension LedgerFixture {
    fileprivate func unfinished(_ jobs: [JobID]) async throws -> Bool {
        try await number("SELECT count(*) FROM job WHERE id = ANY ($1) AND state <> 4", [.int64Array(jobs.map(\.rawValue))]) > 0
    }
}

/// A small generator with a seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
