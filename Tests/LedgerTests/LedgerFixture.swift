import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import Synchronization
import Testing

/// A ledger in a database of its own on the server of `MVFLEET_TEST_DATABASE_URL`.
struct LedgerFixture: Sendable {
    static let serverURL = ProcessInfo.processInfo.environment["MVFLEET_TEST_DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }

    /// So many ledgers at once as the server has connections for.
    private static let places = Places(4)

    let ledger: Ledger
    let pool: ConnectionPool
    let configuration: ConnectionConfiguration
    /// Of its database.
    let url: String
    let worker: WorkerID

    /// Makes the database, runs `body`, drops the database.
    static func with(
        policy: LedgerPolicy = LedgerPolicy(), migrate: Bool = true, server url: String? = serverURL, _ body: @Sendable (LedgerFixture) async throws -> Void
    ) async throws {
        let url = try #require(url)
        await places.take()
        defer { places.giveBack() }
        let name = "ledger_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let server = try await Connection.open(try ConnectionConfiguration(url))
        try await server.script("CREATE DATABASE \(name)")
        do {
            let components = try #require(URLComponents(string: url))
            var own = components
            own.path = "/" + name
            let ownURL = try #require(own.string)
            let configuration = try ConnectionConfiguration(ownURL, applicationName: "ledger tests")
            let pool = ConnectionPool(configuration, limits: .init(connections: 8))
            do {
                let ledger = Ledger(pool: pool, policy: policy, logger: Logger(label: "ledger.tests") { _ in SwiftLogNoOpLogHandler() })
                var worker = WorkerID(rawValue: 0)
                if migrate {
                    _ = try await ledger.migrate()
                    worker = try await ledger.register(registration())
                }
                try await body(LedgerFixture(ledger: ledger, pool: pool, configuration: configuration, url: ownURL, worker: worker))
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        } catch {
            try? await server.script("DROP DATABASE \(name)")
            await server.close()
            throw error
        }
        try await server.script("DROP DATABASE \(name)")
        await server.close()
    }

    static func registration(_ stages: [StageName] = ["frames", "audio"]) -> WorkerRegistration {
        WorkerRegistration(incarnation: UUID(), host: "here", pid: 1, stages: stages, slots: 4)
    }

    /// One number from the database.
    func number(_ sql: String, _ parameters: [Parameter] = []) async throws -> Int {
        try await pool.queryOne(sql, parameters).int(0)
    }

    /// Ingests `count` clips, submits a job over them and plans it.
    func job(
        _ name: String = "job", clips: Int = 4, graph: StageGraph? = nil, lane: Lane = .bulk, inheritsDead: Bool = false, keys: [String]? = nil
    ) async throws -> JobID {
        _ = try await ledger.ingest(Sample.clips(clips), into: "sample")
        let job = try await ledger.submit(JobRequest(name: name, collection: "sample", lane: lane, graph: try graph ?? Sample.diamond(), inheritsDead: inheritsDead, keys: keys))
        _ = try await ledger.plan(job)
        return job
    }

    func tokens(_ stage: StageName? = nil, limit: Int = 10_000) async throws -> [ReadyToken] {
        var tokens: [ReadyToken] = []
        for queue in try await ledger.openQueues() where stage == nil || queue.stage == stage {
            tokens += try await ledger.ready(in: queue.id, after: 0, limit: limit)
        }
        return tokens
    }

    func claim(_ stage: StageName? = nil, limit: Int = 10_000, lease: Duration = .seconds(60)) async throws -> [Claim] {
        try await ledger.claim(try await tokens(stage, limit: limit), by: worker, lease: lease)
    }

    @discardableResult
    func settle(_ claims: [Claim], _ outcome: (Claim) -> Outcome<String> = { .completed("{\"of\":\"\($0.stage)\"}") }, retryAfter: Duration? = nil)
        async throws -> [SettlementOutcome] {
        try await ledger.settle(claims.map {
            Settlement(task: $0.task, seq: $0.seq, outcome: outcome($0), duration: .milliseconds(5), retryAfter: retryAfter)
        }, by: worker)
    }

    /// Runs all that can run to its end.
    func drain() async throws {
        while true {
            let claims = try await claim()
            if claims.isEmpty { return }
            try await settle(claims)
        }
    }

    func expectSound(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let faults = try await ledger.check()
        #expect(faults == [], sourceLocation: sourceLocation)
    }
}

enum Sample {
    static func clips(_ count: Int, from first: Int = 0) -> [Clip] {
        (first..<(first + count)).map { clip($0) }
    }

    static func clip(_ number: Int, media: Int? = nil) -> Clip {
        let digits = String(number)
        let id = "clip-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let media = media ?? number
        return Clip(id: id, audio: MediaReference(path: "/music/\(id).mp3", sha256: Digest.of("audio \(media)")),
                    video: MediaReference(path: "/music/\(id).mp4", sha256: Digest.of("video \(media)")), title: "Title \(number)", artist: "Artist \(number / 3)",
                    genres: ["rock"], lyrics: "words \(media)", metadata: ["energy": 0.5])
    }

    static func plan(_ name: StageName, version: Int = 1, settings: String = "{}", requires: [StageName] = [], reads: [SourceField] = []) -> StagePlan {
        StagePlan(recipe: Recipe(stage: name, version: version, settings: settings), requires: requires, reads: reads)
    }

    /// frames and audio at the roots; captions on frames; description on both captions and audio.
    static func diamond(frames: String = "{}", audio: String = "{}", description: String = "{}") throws -> StageGraph {
        try StageGraph([
            plan("frames", settings: frames, reads: [.video]), plan("audio", settings: audio, reads: [.audio]),
            plan("captions", requires: ["frames"]), plan("description", settings: description, requires: ["captions", "audio"]),
        ])
    }

    /// The eight stages of the pipeline, with their edges.
    static func pipeline() throws -> StageGraph {
        try StageGraph([
            plan("frames", reads: [.video]), plan("audio", reads: [.audio]), plan("lyrics", reads: [.lyrics]),
            plan("music-caption", requires: ["audio"], reads: [.metadata]), plan("unified-caption", requires: ["music-caption", "audio"]),
            plan("mv-type", requires: ["frames"]), plan("frame-captions", requires: ["frames"]),
            plan("description", requires: ["frame-captions", "unified-caption", "lyrics", "mv-type", "audio"]),
        ])
    }
}

extension LedgerFixture {
    /// Asks until the database gives this number; fails after ten seconds.
    func waitUntil(_ sql: String, is expected: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        while try await number(sql) != expected {
            guard ContinuousClock.now < limit else {
                Issue.record("'\(sql)' did not become \(expected)", sourceLocation: sourceLocation)
                return
            }
            await Task.yield()
        }
    }
}

/// A counting semaphore.
private final class Places: Sendable {
    private let state: Mutex<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ count: Int) { state = Mutex((count, [])) }

    func take() async {
        await withCheckedContinuation { continuation in
            if enter(continuation) { continuation.resume() }
        }
    }

    /// - Returns: whether there was a place.
    @inline(never)
    private func enter(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return true
            }
            state.waiting.append(continuation)
            return false
        }
    }

    @inline(never)
    func giveBack() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
