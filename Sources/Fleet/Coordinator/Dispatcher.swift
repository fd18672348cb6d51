import FleetModel
import Ledger
import Logging
import RabbitMQ

/// Publishes the ready tokens of one lane, keeping a bounded window of them in each of the broker's queues.
///
/// Reads the ledger and changes nothing in it: a dispatcher that is late, paused or doubled sends messages twice, which is harmless.
actor Dispatcher {
    /// The most tokens of one broker queue that are out at once. Large enough that hundreds of slots never wait, small enough that
    /// pause, cancel and priority work at once.
    static let windowSize = 1024
    static let confirmDeadline: Duration = .seconds(30)

    private let lane: Lane
    private let ledger: Ledger
    private let publisher: Publisher
    private let lossAfter: Duration
    private let progress: DispatchProgress
    private let logger: Logger
    private var windows: [BrokerQueue: DispatchWindow] = [:]
    private var generation = -1
    private var nextLossCheck: ContinuousClock.Instant

    init(lane: Lane, ledger: Ledger, publisher: Publisher, lossAfter: Duration, progress: DispatchProgress, logger: Logger) {
        self.lane = lane
        self.ledger = ledger
        self.publisher = publisher
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
            generation = current
        }
        let queues = Dictionary(grouping: try await ledger.openQueues(lane: lane)) { BrokerQueue(stage: $0.stage, version: $0.version, lane: $0.lane) }
        windows = windows.filter { queues[$0.key] != nil }
        var tokens: [(BrokerQueue, ReadyToken)] = []
        for (broker, open) in queues.sorted(by: { ($0.key.stage, $0.key.version) < ($1.key.stage, $1.key.version) }) {
            if windows[broker] == nil {
                try await publisher.declare(Topology(queues: [broker.declaration]))
                windows[broker] = DispatchWindow(size: Dispatcher.windowSize)
            }
            windows[broker]?.keep(only: Set(open.map(\.id)))
            tokens += try await choose(from: open).map { (broker, $0) }
        }
        if ContinuousClock.now >= nextLossCheck {
            nextLossCheck = ContinuousClock.now + lossAfter / 2
            try await forgetLost()
        }
        return try await send(tokens)
    }

    /// First every job its share of the window, by priority; then what is left to whoever has more.
    private func choose(from open: [OpenQueue]) async throws -> [ReadyToken] {
        guard let first = open.first, var window = windows[BrokerQueue(stage: first.stage, version: first.version, lane: first.lane)] else { return [] }
        let broker = BrokerQueue(stage: first.stage, version: first.version, lane: first.lane)
        var readings: [(queue: OpenQueue, rows: [ReadyToken], limit: Int)] = []
        for queue in open.sorted(by: { ($1.priority, $0.id) < ($0.priority, $1.id) }) {
            let limit = window.outstandingCount(in: queue.id) + window.size
            readings.append((queue, try await ledger.ready(in: queue.id, after: 0, limit: limit), limit))
        }
        let now = ContinuousClock.now
        var chosen: [ReadyToken] = []
        for share in [nil, window.size] {
            for (queue, rows, limit) in readings {
                let peers = readings.count { $0.queue.priority == queue.priority && !$0.rows.isEmpty }
                let tokens = window.tokensToSend(from: rows, of: queue.id, limit: limit, share: share ?? window.share(among: peers))
                window.markSent(tokens, at: now)
                chosen += tokens
            }
        }
        windows[broker] = window
        return chosen
    }

    private func send(_ tokens: [(queue: BrokerQueue, token: ReadyToken)]) async throws -> Int {
        guard !tokens.isEmpty else { return 0 }
        let messages = tokens.map { Message(routingKey: $0.queue.name, body: TaskMessage.encode($0.token), contentType: "application/json") }
        let outcomes = try await publisher.publish(messages, deadline: Dispatcher.confirmDeadline)
        var taken = 0
        var missing: Set<BrokerQueue> = []
        for (entry, outcome) in zip(tokens, outcomes) {
            switch outcome {
            case .confirmed: taken += 1
            case .returned:
                missing.insert(entry.queue)
                windows[entry.queue]?.forget(entry.token)
            case .nacked, .unconfirmed:
                windows[entry.queue]?.forget(entry.token)
            }
        }
        for queue in missing.sorted(by: { $0.name < $1.name }) {
            logger.notice("dispatch.queue_missing", metadata: ["queue": "\(queue)"])
            // Somebody deleted it. The next pass declares it again and sends what stands in the ledger.
            windows[queue] = nil
        }
        if taken < tokens.count { logger.notice("dispatch.unconfirmed", metadata: ["tokens": "\(tokens.count - taken)"]) }
        return taken
    }

    /// A queue that is empty while its tokens stand unclaimed has lost them: wiped, purged, or dropped past the delivery limit.
    private func forgetLost() async throws {
        let limit = ContinuousClock.now - lossAfter
        let stale = windows.filter { $0.value.oldest.map { $0 < limit } ?? false }.keys
        for broker in stale where try await isEmpty(broker) {
            windows[broker]?.forget(sentBefore: limit)
        }
    }

    /// Missing counts as empty: the next pass finds that out and declares it.
    private func isEmpty(_ queue: BrokerQueue) async throws -> Bool {
        do {
            return try await publisher.status(ofQueue: queue.name).ready == 0
        } catch {
            guard error.code == .notFound else { throw error }
            windows[queue] = nil
            return false
        }
    }
}
