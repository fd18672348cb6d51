import ChatCompletions
import FleetModel
import Foundation
import Ledger
import Logging
import Synchronization

/// The one way from stages to language models: looks every request up in the ledger's journal, writes down what is about to be sent, keeps what was answered before
/// anybody reads it, and keeps to budgets. What was paid for once, by whatever process and however it ended, is never asked again.
///
/// Must be shut down before it is let go of.
public final class LanguageModelGateway: LanguageModelAccess {
    let ledger: Ledger
    let configuration: LanguageModelConfiguration
    let logger: Logger
    let id = UUID()
    private let client: (any ChatCompleting)?
    private let flights = Flights<Result<LanguageModelReply, FleetError>>()
    private let asks: Coalescer<Ask, LanguageModelVerdict>
    private let endings: Coalescer<LanguageModelEnding, Void>
    private let waiting: Coalescer<Waiter, Void>
    private let lines: Coalescer<LanguageModelLine, LanguageModelVerdict>
    private let upkeep = Mutex<Task<Void, Never>?>(nil)

    struct Ask: Sendable {
        var intent: LanguageModelIntent
        var isAsking: Bool
    }

    struct Waiter: Sendable {
        var task: Int64
        var job: Int64?
        var digest: [UInt8]?
    }

    /// - Parameter client: nil where no endpoint is configured: then only what was answered before is.
    public init(ledger: Ledger, client: (any ChatCompleting)?, configuration: LanguageModelConfiguration = LanguageModelConfiguration(), logger: Logger) {
        self.ledger = ledger
        self.client = client
        self.configuration = configuration
        self.logger = logger
        let id = id
        let persistence = LedgerPersistence(logger: logger)
        let registration = Once { try await ledger.keepGateway(id, host: HostIdentity.current, pid: ProcessInfo.processInfo.processIdentifier, lease: configuration.lease) }
        asks = Coalescer { asks in
            try await persistence("llm.intend_failed", for: .seconds(60)) {
                // Others would take the intents of a process that they do not know for a dead one's.
                try await registration()
                return try await ledger.intend(asks.map(\.intent), isAsking: asks.map(\.isAsking), by: id)
            }
        }
        // Paid for: kept trying for as long as a worker would.
        endings = Coalescer { endings in
            try await persistence("llm.record_failed", for: BatchProcessor.persistence) { try await ledger.end(endings, by: id) }
            return endings.map { _ in }
        }
        lines = Coalescer(most: 128) { lines in try await persistence("llm.queue_failed", for: .seconds(60)) { try await ledger.queue(lines) } }
        waiting = Coalescer { waiters in
            try await persistence("llm.wait_failed", for: .seconds(60)) { try await ledger.noteWaiters(waiters.map { ($0.task, $0.job, $0.digest) }) }
            return waiters.map { _ in }
        }
    }

    /// - Throws: an error with the client's code where the request has no answer, and deferring would not help. `isRetriable` says whether another attempt may.
    public func answer(_ query: LanguageModelQuery) async throws(FleetError) -> LanguageModelReply {
        startUpkeep()
        let digest = query.request.digest
        guard let (flight, isFirst) = flights.join(digest) else { return .later(.zero, reason: "the worker stopped") }
        if isFirst {
            flights.began(digest, Task {
                let result: Result<LanguageModelReply, FleetError>
                do throws(FleetError) { result = .success(try await fly(query, digest)) } catch { result = .failure(error) }
                flights.end(digest, result)
            })
        }
        guard let result = await flight.value() else { return .later(.zero, reason: "the worker stopped") }
        let reply = try result.get()
        if !isFirst, case .answer(let answer, _) = reply { return .answer(answer, isReused: true) }
        return reply
    }

    /// Waits for what is under way, and ends.
    public func shutdown() async {
        flights.close()
        let grace = Task {
            // Bounds the wait for what is under way, and is ended with it.
            try await Task.sleep(for: configuration.grace)
            flights.cancelAll()
        }
        await flights.waitUntilIdle()
        grace.cancel()
        await endUpkeep()?.value
        await client?.shutdown()
        await sayGoodbye("llm.goodbye_failed", within: .seconds(10), logger) { [ledger, id] in try await ledger.endGateway(id) }
    }

    // MARK: one request

    private func fly(_ query: LanguageModelQuery, _ digest: [UInt8]) async throws(FleetError) -> LanguageModelReply {
        let price = configuration.prices[query.request.model]
        let prompt = query.request.estimatedTokens(price?.tokens ?? ImageTokenRules())
        let most = ChatUsage(promptTokens: prompt, completionTokens: query.request.maximumAnswerTokens)
        let intent = LanguageModelIntent(digest: digest, task: query.task, job: query.job, stage: query.stage, model: query.request.model, reserve: price?.cost(most))
        switch try await verdict(on: query, intent, most, price) {
        case .send: break
        case .answered(let recorded): return .answer(ChatAnswer(recorded), isReused: true)
        case .underWay: return .later(.seconds(2), reason: "the same is being asked by another process")
        case .inBatch:
            try await wait(query, for: digest)
            return .later(Self.longWait, reason: "waits for a batch")
        case .unknown, .notByBatch: return .later(Self.unconfiguredWait, reason: "no language model's endpoint is configured on this worker: see --openai-base-url and OPENAI_API_KEY")
        case .unpriced: return .later(Self.unconfiguredWait, reason: PriceTable.unknown(query.request.model))
        case .overBudget(let budget, let isReached):
            guard isReached else { return .later(.seconds(10), reason: "what job \(budget.job) has under way may use up its budget: \(budget.words)") }
            // A shared task is whoever's that can pay for it.
            if let payer = try await journalled({ try await self.ledger.otherPayer(of: query.task, besides: budget.job) }) {
                var theirs = query
                theirs.job = payer
                return try await fly(theirs, digest)
            }
            try await wait(query, for: nil)
            return .later(Self.longWait, reason: "the budget of job \(budget.job) is reached: \(budget.words); 'mvfleet job \(budget.job) budget AMOUNT' goes on")
        }
        guard let client else { return .later(Self.unconfiguredWait, reason: "no endpoint is configured on this worker") }
        return try await send(query, intent, prompt, price, client)
    }

    /// Bulk requests go by batch where the endpoint of batches serves their model; those that no batch answers are sent as others are.
    private func verdict(on query: LanguageModelQuery, _ intent: LanguageModelIntent, _ most: ChatUsage, _ price: ModelPrice?) async throws(FleetError) -> LanguageModelVerdict {
        let isAsking = client != nil
        guard let batches = configuration.batches, query.lane == .bulk, batches.client.endpoint.served(query.request.model) != nil else {
            return try await journalled { try await self.asks(Ask(intent: intent, isAsking: isAsking)) }
        }
        switch try await journalled({ try await self.asks(Ask(intent: intent, isAsking: false)) }) {
        case .unknown:
            return try await journalled {
                try await StoredChatRequest.keepMedia(of: query.request, in: batches.blobs)
                let bytes = try query.request.batchLine(customID: String(repeating: "0", count: 64), for: batches.client.endpoint).byteCount
                var intent = intent
                intent.reserve = price?.cost(most, isBatch: true)
                return try await self.lines(LanguageModelLine(intent: intent, request: try CanonicalJSON.encode(StoredChatRequest(query.request)), byteCount: bytes,
                                                              tokens: most.promptTokens + most.completionTokens))
            }
        case .notByBatch: return try await journalled { try await self.asks(Ask(intent: intent, isAsking: isAsking)) }
        case let verdict: return verdict
        }
    }

    private func send(_ query: LanguageModelQuery, _ intent: LanguageModelIntent, _ prompt: Int, _ price: ModelPrice?, _ client: any ChatCompleting) async throws(FleetError) -> LanguageModelReply {
        try cut(.beforeSend)
        let answer: ChatAnswer
        do throws(ChatError) {
            answer = try await client.complete(query.request, deadline: query.deadline + configuration.patience, estimatedTokens: prompt)
        } catch {
            try cut(.beforeRecord)
            let lost = error.usage.flatMap { price?.cost($0) } ?? .zero
            try await journalled { try await self.endings(LanguageModelEnding(intent: intent, answer: nil, lost: lost, receipt: Self.receipt())) }
            return try Self.reply(to: error, outagePatience: configuration.outagePatience)
        }
        try cut(.beforeRecord)
        let recorded = RecordedAnswer(answer, estimatedPrompt: prompt, price: price)
        try await journalled { try await self.endings(LanguageModelEnding(intent: intent, answer: recorded, receipt: Self.receipt())) }
        try cut(.beforeReply)
        // As it will be read again.
        return .answer(ChatAnswer(recorded), isReused: false)
    }

    private static func receipt() -> Int64 { Int64.random(in: 1...Int64.max) }

    /// A task whose wait is over is made due by name; this only bounds it.
    static let longWait: Duration = .seconds(4 * 3600)
    static let unconfiguredWait: Duration = .seconds(60)

    private func wait(_ query: LanguageModelQuery, for digest: [UInt8]?) async throws(FleetError) {
        try await journalled { try await self.waiting(Waiter(task: query.task, job: query.job, digest: digest)) }
    }

    private func cut(_ point: LanguageModelFaultPoint) throws(FleetError) {
        guard let hook = configuration.faultHook else { return }
        do { try hook(point) } catch { throw FleetError("llm.cut", "cut off by a test", cause: error, isRetriable: true) }
    }

    private func journalled<Value>(_ body: () async throws -> Value) async throws(FleetError) -> Value {
        do {
            return try await body()
        } catch let error as FleetError {
            throw error
        } catch {
            throw FleetError("ledger.unavailable", "the journal of language models could not be reached", cause: error, isRetriable: true)
        }
    }

    // MARK: upkeep

    @inline(never)
    private func startUpkeep() {
        upkeep.withLock { upkeep in
            if upkeep == nil { upkeep = Task { [ledger, id, configuration, logger] in await Self.keepUp(ledger, id, configuration, logger) } }
        }
    }

    /// Begins to look after batches and after those who wait for them, also where nobody asks anything here.
    public func start() { startUpkeep() }

    @inline(never)
    private func endUpkeep() -> Task<Void, Never>? {
        upkeep.withLock { upkeep in
            upkeep?.cancel()
            return upkeep
        }
    }

    private static func keepUp(_ ledger: Ledger, _ id: UUID, _ configuration: LanguageModelConfiguration, _ logger: Logger) async {
        let pid = ProcessInfo.processInfo.processIdentifier
        let keeper = configuration.batches.map { BatchKeeper(ledger: ledger, transport: $0, prices: configuration.prices, logger: logger) }
        var keeping: Task<Void, Never>?, keptUntil = ContinuousClock.now
        while !Task.isCancelled {
            do {
                let begun = ContinuousClock.now
                try await ledger.keepGateway(id, host: HostIdentity.current, pid: pid, lease: configuration.lease)
                if try await ledger.keepLanguageModels(id, lease: configuration.lease) {
                    keptUntil = begun + configuration.lease
                    if keeping == nil, let keeper { keeping = Task { await keeper.run() } }
                    try await ledger.sweepLanguageModels()
                }
            } catch is CancellationError {
                break
            } catch {
                logger.warning("llm.upkeep_failed", metadata: ["error": "\(error)"])
            }
            // Somebody else may have the care from now on.
            if .now > keptUntil - configuration.heartbeat, let mine = keeping {
                mine.cancel()
                await mine.value
                keeping = nil
            }
            // The lease's heartbeat. Cancelled, it ends at once, and the loop with it.
            try? await Task.sleep(for: configuration.heartbeat)
        }
        keeping?.cancel()
        await keeping?.value
    }

    /// For fault tests: this process is heard of no more.
    package func die() {
        flights.close()
        _ = endUpkeep()
    }
}
