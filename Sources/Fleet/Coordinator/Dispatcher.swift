import FleetModel
import Ledger
import Logging
import RabbitMQ

/// Publishes the ready tokens of one lane, keeping a bounded window of them in each of the broker's queues.
///
/// Reads the ledger, and changes nothing in it but the numbers of tokens that it calls back: a dispatcher that is late, paused or doubled sends messages twice,
/// which is harmless.
actor Dispatcher {
    /// The most tokens of one broker queue that are out at once. Large enough that hundreds of slots never wait, small enough that
    /// pause, cancel and priority work at once.
    static let windowSize = 1024
    static let confirmDeadline: Duration = .seconds(10)

    let lane: Lane
    let ledger: Ledger
    let publisher: Publisher
    private let rates: SharedRates
    private let lossAfter: Duration
    private let progress: DispatchProgress
    private let logger: Logger
    var windows: [BrokerQueue: DispatchWindow] = [:]
    var orders: [BrokerQueue: FairOrder] = [:]
    var precedence: [BrokerQueue: PrecedenceWatch] = [:]
    private var limits = LimitWatch()
    private var rests = QueueRests()
    private var generation = -1
    private var nextLossCheck: ContinuousClock.Instant

    init(lane: Lane, ledger: Ledger, publisher: Publisher, rates: SharedRates, lossAfter: Duration, progress: DispatchProgress, logger: Logger) {
        self.lane = lane
        self.ledger = ledger
        self.publisher = publisher
        self.rates = rates
        self.lossAfter = lossAfter
        self.progress = progress
        nextLossCheck = .now + lossAfter
        self.logger = logger
    }

    /// Runs until cancelled; sleeps on `wake` when there is nothing to send.
    func run(wake: WakeSignal) async throws {
        while !Task.isCancelled {
            do {
                let sent = try await pass()
                progress.passed(lane, at: .now)
                if sent == 0 { await wake.wait(atMost: .milliseconds(100)) }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.warning("dispatch.failed", metadata: ["error": "\(error)"])
                // The broker or the database is away; what failed here would fail again at once.
                try await Task.sleep(for: .seconds(1))
            }
        }
        throw CancellationError()
    }

    /// - Returns: how many tokens the broker took.
    private func pass() async throws -> Int {
        let current = publisher.generation
        if current != generation {
            // What an earlier connection sent may be gone with the broker that it was sent to.
            windows.keys.forEach { windows[$0]?.forgetAll() }
            rests.reconnected()
            generation = current
        }
        let everything = try await ledger.openQueues(lane: lane)
        let queues = Dictionary(grouping: everything) { BrokerQueue(stage: $0.stage, version: $0.version, lane: $0.lane) }
        try await dropClosed(queues)
        var limits = limits
        try await callBack(limits.adopt(everything), queues)
        self.limits = limits
        var tokens: [(BrokerQueue, ReadyToken)] = []
        for (broker, open) in queues.sorted(by: { ($0.key.stage, $0.key.version) < ($1.key.stage, $1.key.version) }) where !isResting(broker) {
            if windows[broker] == nil {
                guard try await ask(broker, { () async throws(RabbitMQError) in try await publisher.declare(Topology(queues: [broker.declaration])) }) != nil else { continue }
                windows[broker] = DispatchWindow(size: Dispatcher.windowSize)
            }
            tokens += try await choose(from: open, of: broker, everything).map { (broker, $0) }
        }
        if ContinuousClock.now >= nextLossCheck {
            nextLossCheck = ContinuousClock.now + lossAfter / 2
            try await forgetLost()
        }
        return try await send(tokens)
    }

    /// By priority, and turn by turn among equals, within the window, the jobs' limits and the stage's rate.
    private func choose(from open: [OpenQueue], of broker: BrokerQueue, _ everything: [OpenQueue]) async throws -> [ReadyToken] {
        guard var window = windows[broker] else { return [] }
        var readings: [(queue: OpenQueue, rows: [ReadyToken])] = []
        // However many of them are out already, a window and one more shows all that can be sent, and whether more waits.
        let limit = window.size + 1
        let ready = try await ledger.ready(in: open.map(\.id), limit: limit)
        for queue in open.sorted(by: { ($1.priority, $0.id) < ($0.priority, $1.id) }) {
            let rows = ready[queue.id] ?? []
            // Only takes the reading in: how much room there is, is known when all have been read.
            if open.count > 1 || queue.jobLimit != nil { _ = window.tokensToSend(from: rows, of: queue.id, limit: limit, share: 0) }
            readings.append((queue, rows))
        }
        windows[broker] = window
        let room = try await jobRoom(readings.filter { !$0.rows.isEmpty }.map(\.queue), of: broker, everything)
        window = windows[broker] ?? window
        let candidates = readings.map { queue, rows in
            let out = window.outstandingCount(in: queue.id)
            let share = room[queue.job].map { min(out + $0, window.size) } ?? window.size
            return FairOrder.Candidate(queue: queue.id, priority: queue.priority, tokens: window.tokensToSend(from: rows, of: queue.id, limit: limit, share: share))
        }
        let wanted = min(candidates.reduce(0) { $0 + $1.tokens.count }, window.size - window.outstandingCount)
        let granted = await rates.grant(wanted, of: broker.stage, in: lane, rate: open.first?.stageRate, out: window.outstandingCount)
        let chosen = orders[broker, default: FairOrder()].pick(candidates, room: granted)
        let now = ContinuousClock.now
        window.markSent(chosen, at: now)
        windows[broker] = window
        let isFull = window.outstandingCount >= window.size
        let standings = readings.map { reading in
            PrecedenceWatch.Standing(queue: reading.queue.id, priority: reading.queue.priority,
                                     isHeldBack: isFull && reading.rows.count > window.outstandingCount(in: reading.queue.id) && room[reading.queue.job] != 0)
        }
        if precedence[broker, default: PrecedenceWatch()].mustWithdraw(standings, from: window, at: now) {
            logger.info("dispatch.reordered", metadata: ["queue": "\(broker)", "tokens": "\(window.outstandingCount)"])
            try await withdraw(broker)
            return []
        }
        return chosen
    }

    /// Each broker queue's for itself: one that takes nothing holds up no other for longer than a confirm is waited for, and then rests.
    ///
    /// - Returns: how many tokens the broker took.
    private func send(_ tokens: [(queue: BrokerQueue, token: ReadyToken)]) async throws -> Int {
        let batches = Dictionary(grouping: tokens, by: \.queue).mapValues { $0.map(\.token) }
        return try await withThrowingTaskGroup(of: (BrokerQueue, [PublishOutcome]).self) { [publisher] group in
            for (queue, tokens) in batches {
                let messages = tokens.map { Message(routingKey: queue.name, body: TaskMessage.encode($0), contentType: "application/json") }
                group.addTask { (queue, try await publisher.publish(messages, deadline: Dispatcher.confirmDeadline)) }
            }
            var taken = 0
            for try await (queue, outcomes) in group { taken += settle(queue, batches[queue] ?? [], outcomes) }
            return taken
        }
    }

    /// - Returns: how many tokens the broker took.
    private func settle(_ queue: BrokerQueue, _ tokens: [ReadyToken], _ outcomes: [PublishOutcome]) -> Int {
        var taken = 0
        var isMissing = false
        for (token, outcome) in zip(tokens, outcomes) {
            switch outcome {
            case .confirmed: taken += 1
            case .returned: isMissing = true
            case .nacked, .unconfirmed: break
            }
            if outcome != .confirmed { windows[queue]?.forget(token) }
        }
        if isMissing {
            logger.notice("dispatch.queue_missing", metadata: ["queue": "\(queue)"])
            // Somebody deleted it. The next pass declares it again and sends what stands in the ledger.
            windows[queue] = nil
        } else if taken < tokens.count {
            logger.notice("dispatch.unconfirmed", metadata: ["queue": "\(queue)", "tokens": "\(tokens.count - taken)"])
            rest(queue, isSilent: false)
        } else {
            rests.answered(queue)
        }
        return taken
    }

    // MARK: queues that do not answer

    private func isResting(_ queue: BrokerQueue) -> Bool { rests.isResting(queue, at: .now) }

    /// Under an alarm the broker answers for none of them, and all go on when it is over.
    private func rest(_ queue: BrokerQueue, isSilent: Bool) {
        if publisher.health.blockedReason == nil { rests.rest(queue, isSilent: isSilent, at: .now) }
    }

    /// Asks the broker something about one queue.
    ///
    /// - Returns: nil where the queue is missing, and will be declared again, or does not answer, and rests.
    func ask<Value: Sendable>(_ queue: BrokerQueue, _ question: () async throws(RabbitMQError) -> Value) async throws(RabbitMQError) -> Value? {
        do {
            return try await question()
        } catch {
            switch error.code {
            case .notFound: windows[queue] = nil
            case .callTimeout:
                logger.notice("dispatch.queue_silent", metadata: ["queue": "\(queue)", "error": "\(error)"])
                rest(queue, isSilent: true)
            default: throw error
            }
            return nil
        }
    }

    /// A queue that is empty while its tokens stand unclaimed has lost them: wiped, purged, or dropped past the delivery limit.
    private func forgetLost() async throws {
        let limit = ContinuousClock.now - lossAfter
        let stale = windows.filter { $0.value.oldest.map { $0 < limit } ?? false }.keys
        for broker in stale where !isResting(broker) {
            if try await isEmpty(broker) { windows[broker]?.forget(sentBefore: limit) }
        }
    }

    /// Missing counts as empty: the next pass finds that out and declares it.
    private func isEmpty(_ queue: BrokerQueue) async throws -> Bool {
        try await ask(queue) { () async throws(RabbitMQError) in try await publisher.status(ofQueue: queue.name).ready == 0 } ?? false
    }
}
