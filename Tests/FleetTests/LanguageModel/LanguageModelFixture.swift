import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import Synchronization
import Testing

/// A ledger in a database of its own, with a job whose tasks ask a language model.
struct LanguageModelFixture: Sendable {
    static let serverURL = ProcessInfo.processInfo.environment["MVFLEET_TEST_DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
    static let quiet = Logger(label: "llm.tests") { _ in SwiftLogNoOpLogHandler() }
    static let stage: StageName = "lyrics"
    static let model = "priced-model"
    /// A dollar for a thousand tokens, in and out: requests of these tests may cost eleven cents.
    static let prices = PriceTable([model: ModelPrice(input: Money(dollars: 1000), output: Money(dollars: 1000))])

    let ledger: Ledger
    let pool: ConnectionPool
    let job: JobID
    let worker: WorkerID

    /// - Parameter clips: each has one task.
    static func with(clips: Int = 4, _ body: @Sendable (LanguageModelFixture) async throws -> Void) async throws {
        let url = try #require(serverURL), name = "llm_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let server = try await Connection.open(try ConnectionConfiguration(url))
        try await server.script("CREATE DATABASE \(name)")
        let result: Result<Void, any Error>
        do {
            let pool = ConnectionPool(try ConnectionConfiguration(url, applicationName: "llm tests").inDatabase(name), limits: .init(connections: 6))
            let ledger = Ledger(pool: pool, logger: quiet)
            do {
                _ = try await ledger.migrate()
                let worker = try await ledger.register(WorkerRegistration(incarnation: UUID(), host: "here", pid: 1, stages: [stage], slots: 4))
                _ = try await ledger.ingest((0..<clips).map { Clip(id: "clip-\($0)", lyrics: "words \($0)") }, into: "sample")
                let graph = try StageGraph([StagePlan(recipe: Recipe(stage: stage, version: 1, settings: "{}"), requires: [], reads: [.lyrics])])
                let job = try await ledger.submit(JobRequest(name: "job", collection: "sample", lane: .bulk, graph: graph, inheritsDead: false, keys: nil))
                _ = try await ledger.plan(job)
                try await body(LanguageModelFixture(ledger: ledger, pool: pool, job: job, worker: worker))
                #expect(try await ledger.check() == [])
                result = .success(())
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
        try result.get()
    }

    /// Lends a gateway, and ends it.
    func gateway<Value: Sendable>(
        _ client: ScriptedClient?, _ configure: (inout LanguageModelConfiguration) -> Void = { _ in }, _ body: (LanguageModelGateway) async throws -> Value
    ) async throws -> Value {
        var configuration = LanguageModelConfiguration(prices: Self.prices, lease: .seconds(2), heartbeat: .milliseconds(100), grace: .seconds(10))
        configure(&configuration)
        let gateway = LanguageModelGateway(ledger: ledger, client: client, configuration: configuration, logger: Self.quiet)
        let result: Result<Value, any Error>
        do { result = .success(try await body(gateway)) } catch { result = .failure(error) }
        await gateway.shutdown()
        return try result.get()
    }

    /// A request of 100 answer tokens at most; one text is one digest.
    func query(_ text: String, task: Int64 = 1, job: Bool = true, lane: Lane = .bulk) -> LanguageModelQuery {
        LanguageModelQuery(request: ChatRequest(model: Self.model, messages: [ChatMessage(.user, [.text(text)])], maximumAnswerTokens: 100),
                           job: job ? self.job.rawValue : nil, task: task, stage: Self.stage, lane: lane, deadline: .seconds(30))
    }

    /// Another job over the same clips by the same recipe.
    func submitAgain() async throws -> JobID {
        let graph = try StageGraph([StagePlan(recipe: Recipe(stage: Self.stage, version: 1, settings: "{}"), requires: [], reads: [.lyrics])])
        let job = try await ledger.submit(JobRequest(name: "again", collection: "sample", lane: .bulk, graph: graph, inheritsDead: false, keys: nil))
        _ = try await ledger.plan(job)
        return job
    }

    func number(_ sql: String) async throws -> Int { try await pool.queryOne(sql).int(0) }

    func claim(limit: Int = 100) async throws -> [Claim] {
        var tokens: [ReadyToken] = []
        for queue in try await ledger.openQueues() { tokens += try await ledger.ready(in: queue.id, after: 0, limit: limit) }
        return try await ledger.claim(tokens, by: worker, lease: .seconds(60))
    }

    func settle(_ claim: Claim, _ outcome: Outcome<String>) async throws {
        #expect(try await ledger.settle([Settlement(task: claim.task, seq: claim.seq, outcome: outcome, duration: .zero)], by: worker) == [.recorded])
    }

    func budget() async throws -> JobBudget { try #require(try await ledger.budgets(of: [job]).first) }

    /// Asks until it is so; fails after half a minute.
    func eventually(_ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ holds: () async throws -> Bool) async throws {
        let limit = ContinuousClock.now + .seconds(30)
        while try await !holds() {
            guard ContinuousClock.now < limit else {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            await Task.yield()
        }
    }
}

/// A server in the test's own words. Counts what reaches it.
final class ScriptedClient: ChatCompleting {
    typealias Script = @Sendable (ChatRequest, _ call: Int) async throws(ChatError) -> ChatAnswer

    private let counts = Mutex<[[UInt8]: Int]>([:])
    private let script: Script

    /// - Parameter script: hears how often this request has come, from 1.
    init(_ script: @escaping Script = { request, _ in ScriptedClient.answer(request) }) { self.script = script }

    /// Thirty tokens in, ten out.
    static func answer(_ request: ChatRequest, usage: ChatUsage? = ChatUsage(promptTokens: 30, completionTokens: 10)) -> ChatAnswer {
        guard case .text(let text)? = request.messages.first?.parts.first else { return ChatAnswer(text: "", finishReason: "stop", usage: usage, model: "served") }
        return ChatAnswer(text: "to: " + text, finishReason: "stop", usage: usage, model: "served-model")
    }

    func complete(_ request: ChatRequest, deadline: Duration, estimatedTokens: Int?) async throws(ChatError) -> ChatAnswer {
        try await script(request, count(request.digest))
    }

    func shutdown() async {}

    @inline(never)
    private func count(_ digest: [UInt8]) -> Int {
        counts.withLock { counts in
            counts[digest, default: 0] += 1
            return counts[digest] ?? 0
        }
    }

    /// Requests that came, repeated ones too.
    var calls: Int { counts.withLock { $0.values.reduce(0, +) } }
    /// Different ones.
    var requests: Int { counts.withLock { $0.count } }
}

/// A door that tests open.
final class Door: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func pass() async {
        await withCheckedContinuation { continuation in
            if enter(continuation) { continuation.resume() }
        }
    }

    @inline(never)
    private func enter(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        state.withLock { state in
            if state.isOpen { return true }
            state.waiting.append(continuation)
            return false
        }
    }

    @inline(never)
    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension LanguageModelGateway {
    /// With an error of no certain type, as expectations need it.
    func ask(_ query: LanguageModelQuery) async throws -> LanguageModelReply { try await answer(query) }
}

extension LanguageModelReply {
    var text: String? { if case .answer(let answer, _) = self { answer.text } else { nil } }
    var isReused: Bool { if case .answer(_, true) = self { true } else { false } }
    var reason: String? { if case .later(_, let reason) = self { reason } else { nil } }
}
