import ChatCompletions
import ChatServerDouble
import Fleet
import FleetModel
import Foundation
import Ledger
import Synchronization
import Testing

@Suite(.enabled(if: LanguageModelFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct BatchTests {
    private struct Cut: Error {}

    /// Runs `body` with a gateway whose bulk requests go by batch, and a server of batches.
    private func with(
        _ settings: DoubleSettings = DoubleSettings(), size: BatchSize = BatchSize(linger: .zero), mostFailures: Int = 2, faultHook: (@Sendable (BatchFaultPoint) throws -> Void)? = nil,
        _ body: @Sendable (LanguageModelFixture, ChatServerDouble, LanguageModelGateway) async throws -> Void
    ) async throws {
        try await LanguageModelFixture.with { fixture in
            try await ChatServerDouble.with(settings) { server in
                let client = try ChatClient(endpoints: [Endpoint(name: "double", baseURL: server.url, key: APIKey("a-key"))], logger: LanguageModelFixture.quiet)
                let directory = NSTemporaryDirectory() + "mvfleet-batches-\(UUID().uuidString)"
                defer { try? FileManager.default.removeItem(atPath: directory) }
                var transport = BatchTransport(client: try #require(client.batches(at: "double")), blobs: BlobStore(directory: directory), size: size, poll: .milliseconds(20), mostFailures: mostFailures)
                transport.faultHook = faultHook
                let configuration = LanguageModelConfiguration(prices: .builtIn, batches: transport, lease: .seconds(2), heartbeat: .milliseconds(50), grace: .seconds(10))
                let gateway = LanguageModelGateway(ledger: fixture.ledger, client: client, configuration: configuration, logger: LanguageModelFixture.quiet)
                let result: Result<Void, any Error>
                do { result = .success(try await body(fixture, server, gateway)) } catch { result = .failure(error) }
                await gateway.shutdown()
                try result.get()
            }
        }
    }

    private func query(_ fixture: LanguageModelFixture, _ index: Int, image: [UInt8]? = nil, lane: Lane = .bulk) -> LanguageModelQuery {
        var parts: [ChatMessage.Part] = [.text("request \(index)")]
        if let image {
            parts.append(.image(ChatMedia(sha256: Digest.of(image).hex, mediaType: "image/jpeg", byteCount: image.count, width: 64, height: 64) { image }, detail: .low))
        }
        return LanguageModelQuery(request: ChatRequest(model: "gpt-4o-mini", messages: [ChatMessage(.user, parts)], maximumAnswerTokens: 50),
                                  job: fixture.job.rawValue, task: Int64(index), stage: LanguageModelFixture.stage, lane: lane)
    }

    /// Asks for all until all are answered.
    private func ask(_ count: Int, _ fixture: LanguageModelFixture, _ gateway: LanguageModelGateway, image: [UInt8]? = nil) async throws {
        for index in 0..<count { #expect(try await gateway.ask(query(fixture, index, image: image)).reason == "waits for a batch") }
        try await fixture.eventually("all are answered") { try await fixture.number("SELECT count(*) FROM llm_answer") == count }
    }

    private func expectSettled(_ fixture: LanguageModelFixture, _ server: ChatServerDouble) async throws {
        try await fixture.eventually("no file is left at the server") { server.fileIDs.isEmpty }
        try await fixture.eventually("no batch is open") { try await fixture.number("SELECT count(*) FROM llm_batch WHERE state < 6") == 0 }
        #expect(try await fixture.number("SELECT count(*) FROM llm_line") == 0)
        let budget = try await fixture.budget()
        #expect(budget.reserved == .zero && budget.spent == Money(nanoDollars: Int64(server.counts.nanoDollars)))
    }

    @Test func `bulk requests go by batch at half the price, pictures and all, in files in any order`() async throws {
        var settings = DoubleSettings()
        settings.batch.isReversed = true
        settings.batch.namesMissingFilesEmpty = true
        try await with(settings, size: BatchSize(lines: 4, linger: .zero)) { fixture, server, gateway async throws in
            try await ask(10, fixture, gateway, image: [UInt8](repeating: 7, count: 3000))
            try await expectSettled(fixture, server)
            #expect(server.counts.requests == 0 && server.counts.batches >= 3)
            let reply = try await gateway.ask(query(fixture, 3, image: [UInt8](repeating: 7, count: 3000)))
            #expect(reply.isReused)
        }
    }

    @Test func `a task that waits for a batch is due when its answer is there`() async throws {
        try await with { fixture, server, gateway async throws in
            var waiting: [Int64] = []
            for claim in try await fixture.claim() {
                var query = query(fixture, Int(claim.task))
                query.task = claim.task
                guard case .later(let wait, let reason) = try await gateway.answer(query) else {
                    Issue.record("a bulk request waits")
                    return
                }
                try await fixture.settle(claim, .deferred(by: wait, reason: reason))
                waiting.append(claim.task)
            }
            try await fixture.eventually("all are due") {
                _ = try await fixture.ledger.sweep()
                return try await fixture.number("SELECT count(*) FROM ready") == waiting.count
            }
            #expect(try await fixture.number("SELECT count(*) FROM llm_answer") == waiting.count)
        }
    }

    @Test func `stream requests do not wait for a batch`() async throws {
        try await with { fixture, server, gateway async throws in
            #expect(try await gateway.ask(query(fixture, 1, lane: .stream)).text != nil)
            #expect(server.counts.requests == 1 && server.counts.batches == 0)
        }
    }

    @Test(arguments: BatchFaultPoint.allCases)
    func `a keeper that dies at any moment leaves a batch that goes on, and is paid for once`(point: BatchFaultPoint) async throws {
        let cuts = Mutex(0)
        try await with(faultHook: { here in
            // Twice at the same place, and then never again.
            if here == point, cuts.withLock({ $0 += 1; return $0 <= 2 }) { throw Cut() }
        }) { fixture, server, gateway async throws in
            try await ask(5, fixture, gateway)
            try await expectSettled(fixture, server)
            #expect(cuts.withLock { $0 } > 0)
            #expect(server.counts.batchLines == 5)
            #expect(try await fixture.number("SELECT sum(paid) FROM llm_answer") == 5)
        }
    }

    @Test func `what a batch leaves out, answers twice or with an error is asked again, and then by itself`() async throws {
        var settings = DoubleSettings()
        let faults = Mutex<[String: Int]>([:])
        settings.batch.fault = { id in
            let seen = faults.withLock { faults in
                faults[id, default: 0] += 1
                return faults[id] ?? 0
            }
            switch id.utf8.last.map({ $0 % 4 }) {
            case 0: return seen == 1 ? .missing : nil
            case 1: return seen == 1 ? .error(500, code: "server_error") : nil
            case 2: return .missing
            default: return .twice
            }
        }
        try await with(settings) { fixture, server, gateway async throws in
            for index in 0..<24 { #expect(try await gateway.ask(query(fixture, index)).reason == "waits for a batch") }
            try await fixture.eventually("all are answered, one way or the other") {
                for index in 0..<24 { _ = try await gateway.ask(query(fixture, index)) }
                return try await fixture.number("SELECT count(*) FROM llm_answer") == 24
            }
            try await fixture.eventually("no file is left at the server") { server.fileIDs.isEmpty }
            #expect(try await fixture.number("SELECT count(*) FROM llm_line") == 0)
            #expect(server.counts.requests > 0 && server.counts.batches >= 2)
            #expect(try await fixture.budget().reserved == .zero)
        }
    }

    @Test(arguments: [BatchSettings.Ending.expired(after: 2), .failedValidation(code: "token_limit_exceeded")])
    func `the good lines of a batch that fails are kept, and the rest goes elsewhere`(ending: BatchSettings.Ending) async throws {
        var settings = DoubleSettings()
        settings.batch.ending = ending
        try await with(settings, size: BatchSize(linger: .milliseconds(400))) { fixture, server, gateway async throws in
            for index in 0..<6 { #expect(try await gateway.ask(query(fixture, index)).reason == "waits for a batch") }
            try await fixture.eventually("all are answered") {
                for index in 0..<6 { _ = try await gateway.ask(query(fixture, index)) }
                return try await fixture.number("SELECT count(*) FROM llm_answer") == 6
            }
            try await expectSettled(fixture, server)
            let byBatch = try await fixture.number("SELECT count(*) FROM llm_answer WHERE is_batch")
            if case .expired = ending { #expect(byBatch >= 2) } else { #expect(byBatch == 0 && server.counts.requests == 6) }
        }
    }

    @Test func `a budget holds for batches too`() async throws {
        try await with { fixture, server, gateway async throws in
            try await fixture.ledger.setBudget(Money(nanoDollars: 30_000), of: fixture.job)
            var replies: [String] = []
            for index in 0..<20 { replies.append(try await gateway.ask(query(fixture, index)).reason ?? "") }
            #expect(replies.contains("waits for a batch") && replies.contains { $0.contains("may use up its budget") || $0.contains("is reached") })
            try await fixture.eventually("what was queued is answered") { try await fixture.budget().reserved == .zero }
            #expect(try await fixture.budget().spent <= Money(nanoDollars: 30_000))
        }
    }

    @Test func `what waits for a batch when its job is cancelled is not sent`() async throws {
        try await with(size: BatchSize(linger: .seconds(3600))) { fixture, server, gateway async throws in
            for index in 0..<4 { #expect(try await gateway.ask(query(fixture, index)).reason == "waits for a batch") }
            try await fixture.ledger.cancel(fixture.job)
            try await fixture.eventually("the requests are dropped") { try await fixture.number("SELECT count(*) FROM llm_line") == 0 }
            #expect(try await fixture.budget().reserved == .zero && server.counts.batches == 0)
        }
    }
}
