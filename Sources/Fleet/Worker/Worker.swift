import FleetModel
import Foundation
import Ledger
import Logging
import RabbitMQ

/// Consumes the queues of some stages: claims, runs, settles, acknowledges. It holds no state; more hosts are more of these.
public final class Worker: Sendable {
    public struct Options: Sendable {
        /// Which stages, and how many batches of each run at once.
        public var slots: [StageName: Int]
        /// A worker that says nothing for so long has lost its tasks.
        public var lease: Duration
        public var heartbeat: Duration
        /// After this long in draining, what still runs is given back.
        public var grace: Duration
        /// A subscription that has heard nothing for so long while its queue holds messages is deaf, and is opened again.
        public var deafAfter: Duration
        /// How long past its limit a stage's answer is waited for.
        package var slack: Duration = .seconds(5)
        /// For fault tests.
        package var faultHook: FaultHook?

        public init(slots: [StageName: Int], lease: Duration = .seconds(60), heartbeat: Duration = .seconds(5), grace: Duration = .seconds(60),
                    deafAfter: Duration = .seconds(10)) {
            self.slots = slots
            self.lease = lease
            self.heartbeat = heartbeat
            self.grace = grace
            self.deafAfter = deafAfter
        }
    }

    private static let directiveInterval: Duration = .seconds(1)

    private let ledger: Ledger
    private let amqp: ConnectionConfiguration
    private let entries: [StageEntry]
    private let catalogue: StageCatalogue
    private let runners: StageRunners
    private let options: Options
    private let logger: Logger
    private let draining = DrainSignal()
    private let gate = SoloGate()
    private let leases = HeldLeases()

    /// - Throws: when a stage is unknown.
    public init(ledger: Ledger, amqp: ConnectionConfiguration, catalogue: StageCatalogue, environment: StageEnvironment, options: Options, logger: Logger) throws {
        self.ledger = ledger
        self.amqp = amqp
        self.catalogue = catalogue
        entries = try options.slots.keys.sorted().map { try catalogue.entry($0) }
        runners = StageRunners(catalogue: catalogue, environment: environment)
        self.options = options
        self.logger = logger
    }

    /// Takes no new tasks, ends those at hand, and lets ``run()`` return.
    public func drain() {
        draining.drain()
    }

    /// Runs until drained or cancelled. Lost servers are waited for.
    public func run() async throws {
        let host = HostIdentity.current
        let registration = WorkerRegistration(incarnation: UUID(), host: host, pid: ProcessInfo.processInfo.processIdentifier,
                                              stages: entries.map(\.descriptor.name), slots: options.slots.values.reduce(0, +),
                                              stageVersions: Dictionary(uniqueKeysWithValues: entries.map { ($0.descriptor.name, $0.descriptor.version) }))
        let known = try await draining.unlessDraining {
            try await untilAnswered("worker.ledger_unreachable", self.logger) {
                try await self.ledger.requireSchema()
                try await self.endDeadNeighbours(on: host)
                return try await self.ledger.register(registration)
            }
        }
        guard let known else { return }
        let identity = WorkerIdentity(known)
        let reached = try await draining.unlessDraining { try await self.connect() }
        guard let consumer = reached else { return await deregister(identity) }
        logger.notice("worker.started", metadata: ["worker": "\(identity.current.rawValue)", "stages": "\(entries.map(\.descriptor.name.rawValue).joined(separator: ","))"])
        let heart = Task { await beat(identity, registration, consumer) }
        let ear = Task { await listen(identity) }
        let lanes = Task { try await consume(consumer, identity) }
        // Past the grace time of a drain, what still runs is cancelled.
        let grace = Task {
            await draining.waitUntilDraining()
            try await Task.sleep(for: options.grace)
            lanes.cancel()
        }
        let result = await withTaskCancellationHandler { await lanes.result } onCancel: { lanes.cancel() }
        grace.cancel()
        heart.cancel()
        ear.cancel()
        let isOutdated = await heart.value
        await consumer.close()
        await deregister(identity)
        logger.notice("worker.stopped", metadata: ["worker": "\(identity.current.rawValue)"])
        do {
            try result.get()
        } catch is CancellationError {
            return
        }
        // Whoever started it learns why it ended.
        if isOutdated { try await ledger.requireSchema() }
    }

    /// The leases go back now, and not when they end.
    private func deregister(_ identity: WorkerIdentity) async {
        await sayGoodbye("worker.deregister_failed", within: .seconds(10), logger) { [ledger] in try await ledger.deregister(identity.current) }
    }

    /// A broker that is not there yet is waited for; one that refuses this worker is not.
    private func connect() async throws -> ConsumerConnection {
        while true {
            do {
                return try await ConsumerConnection.open(amqp, topology: .fleet(catalogue), logger: logger)
            } catch {
                guard error.isRetriable, !draining.isDraining else { throw error }
                logger.warning("worker.broker_unreachable", metadata: ["error": "\(error)"])
            }
            // The broker restarts; the subscription is tried again when it may be back.
            try await Task.sleep(for: .seconds(2))
        }
    }

    /// Workers of this host whose process is gone were killed: what they held need not wait for their leases to run out.
    private func endDeadNeighbours(on host: String) async throws {
        for worker in try await ledger.openWorkers(on: host) where !Worker.isRunning(worker.pid) {
            logger.notice("worker.neighbour_dead", metadata: ["worker": "\(worker.id.rawValue)", "pid": "\(worker.pid)"])
            try await ledger.presumeDead(worker.id)
        }
    }

    /// - Returns: false also for a process that has ended and waits for its parent to say so.
    private static func isRunning(_ pid: Int32) -> Bool {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
        // `pid (name) state …`; the name may hold anything, parentheses too.
        let state = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.drop { $0 == " " }.first
        return state != "Z" && state != "X"
    }

    private func consume(_ consumer: ConsumerConnection, _ identity: WorkerIdentity) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for entry in entries {
                let descriptor = entry.descriptor
                for lane in Lane.allCases {
                    // One slot is the stream lane's own: a stream task never waits for a bulk task to end.
                    let slots = lane == .bulk ? max(options.slots[descriptor.name] ?? descriptor.slots, 1) : 1
                    let queue = BrokerQueue(stage: descriptor.name, version: descriptor.version, lane: lane)
                    let subscription = try await consumer.subscribe(queue: queue.name, prefetch: descriptor.prefetch(slots: slots))
                    let processor = BatchProcessor(ledger: ledger, identity: identity, descriptor: descriptor, runners: runners, gate: gate, leases: leases, lease: options.lease,
                                                   slack: options.slack, faultHook: options.faultHook, jitter: { Double.random(in: 0..<1) }, logger: logger)
                    let watch = SubscriptionWatch(subscription, on: consumer, deafAfter: options.deafAfter, logger: logger)
                    group.addTask { try await watch.during { try await self.serve(subscription, slots: slots, processor, watch) } }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One stage in one lane, until draining.
    private func serve(_ subscription: Subscription, slots count: Int, _ processor: BatchProcessor, _ watch: SubscriptionWatch) async throws {
        let slots = Slots(count)
        try await withThrowingDiscardingTaskGroup { group in
            while !draining.isDraining {
                await slots.take()
                let batch = processor.descriptor.batch
                guard let deliveries = try await draining.unlessDraining({ try await watch.listening { try await subscription.next(max: batch) } }) else { break }
                group.addTask {
                    let tokens = deliveries.compactMap { TaskMessage.decode($0.body) }
                    do {
                        if !tokens.isEmpty { _ = try await processor.process(tokens) }
                        self.options.faultHook?(.beforeAcknowledge)
                        await subscription.complete(deliveries.map(\.tag))
                    } catch is CancellationError {
                        // Not acknowledged: the broker gives the messages to others; deregistering gives the leases back.
                    } catch {
                        self.logger.error("worker.batch_failed", metadata: ["stage": "\(processor.descriptor.name)", "error": "\(error)"])
                        // Given back at once, the messages would come again at once, and fail as they did.
                        try? await Task.sleep(for: .seconds(1))
                        await subscription.reject(deliveries.map(\.tag), requeue: true)
                    }
                    await slots.give()
                }
            }
        }
    }

    /// Hears of a drain within a second. A look at one row by its key costs the database a thousandth of a heartbeat over thousands of leases, and no connection
    /// of its own, as a notification would.
    private func listen(_ identity: WorkerIdentity) async {
        while !Task.isCancelled, !draining.isDraining {
            try? await Task.sleep(for: Worker.directiveInterval)
            do {
                if try await ledger.directive(for: identity.current) == .drain { draining.drain() }
            } catch {
                // The heartbeat says so, and hears of it too.
                logger.debug("worker.directive_unknown", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Tells the ledger that this worker lives and consumes; without it the leases end.
    ///
    /// - Returns: whether the schema has outgrown this program.
    private func beat(_ identity: WorkerIdentity, _ registration: WorkerRegistration, _ consumer: ConsumerConnection) async -> Bool {
        var isOutdated = false
        while !Task.isCancelled {
            do {
                switch try await ledger.heartbeat(identity.current, consuming: consumer.health.isLive(), holding: leases.all, lease: options.lease) {
                case .carryOn: break
                case .drain: draining.drain()
                case .outdated:
                    // It would only take messages away from those that can claim. What it holds it may still settle.
                    if !isOutdated { logger.error("worker.outdated") }
                    isOutdated = true
                    draining.drain()
                case .unknown: identity.current = try await ledger.register(registration)
                }
            } catch is CancellationError {
                return isOutdated
            } catch {
                logger.warning("worker.heartbeat_failed", metadata: ["error": "\(error)"])
            }
            // The heartbeat of the leases. Cancelled, it ends at once, and the loop with it.
            try? await Task.sleep(for: options.heartbeat)
        }
        return isOutdated
    }
}
