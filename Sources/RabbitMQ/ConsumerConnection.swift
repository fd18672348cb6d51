import Logging

/// A connection for consuming, with a channel for each subscription. It opens itself again, declares its topology again and
/// subscribes again, when it is lost; a subscription whose queue was deleted or whose channel was closed is opened again too.
///
/// Separate from publishing, because the broker stops reading from connections that publish while it has an alarm, and then
/// acknowledgements would wait as well.
public actor ConsumerConnection {
    // What is not private here is shared with `ConsumerConnection+Channels.swift`, and with nothing else.
    private let loop: ConnectionLoop
    nonisolated let monitor: ConnectionMonitor
    let session: Session
    private let makeBackoff: @Sendable () -> Backoff
    var topology: Topology
    var feeds: [Int: SubscriptionFeed] = [:]
    var feedOfChannel: [UInt16: SubscriptionFeed] = [:]
    /// Channels that are not closed on both sides yet, besides those of feeds.
    var closingChannels: Set<UInt16> = []
    private var nextFeed = 1
    private var nextWaiter = 1
    /// Whether the next connection opens its subscriptions in turn.
    private var opensOneByOne = false
    var nextAttempt = 1
    var nextGeneration = 1
    private var closers: [CheckedContinuation<Void, Never>] = []

    nonisolated public var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// How it is, also while its thread is stuck.
    nonisolated public var health: ConnectionHealth { monitor.health }
    /// 0 before the first connection, one more for each.
    nonisolated public var generation: Int { monitor.generation }
    /// As the broker says, such as `3.10.8`.
    nonisolated public var serverVersion: String? { monitor.health.serverVersion }
    /// Connected, lost, closed, from now on. A slow listener misses the oldest.
    nonisolated public func events() -> AsyncStream<ConnectionEvent> { monitor.events() }

    private init(_ configuration: ConnectionConfiguration, _ topology: Topology, _ makeBackoff: @escaping @Sendable () -> Backoff, _ logger: Logger) throws(RabbitMQError) {
        loop = try ConnectionLoop()
        session = Session(configuration: configuration, loop: loop, backoff: makeBackoff(), logger: logger)
        monitor = session.monitor
        self.topology = topology
        self.makeBackoff = makeBackoff
    }

    deinit { loop.stop() }

    /// Connects and declares the topology.
    ///
    /// - Throws: what went wrong at this first attempt; after it the connection is opened again by itself.
    public static func open(
        _ configuration: ConnectionConfiguration, topology: Topology = Topology(), reconnect: ReconnectPolicy = ReconnectPolicy(),
        randomFraction: @escaping @Sendable () -> Double = { .random(in: 0...1) }, logger: Logger = Logger(label: "rabbitmq", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws(RabbitMQError) -> ConsumerConnection {
        let connection = try ConsumerConnection(configuration, topology, { Backoff(policy: reconnect, randomFraction: randomFraction) }, logger)
        await connection.start()
        do throws(RabbitMQError) { try await connection.connect() } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    // MARK: Subscriptions

    /// Consumes a queue.
    ///
    /// - Parameter prefetch: how many deliveries may be unfinished at once, 1…65,535. Keep it near the number of handlers:
    ///   when the connection is lost, all of them count as delivered once.
    /// - Throws: `rabbitmq.not_found` where there is no such queue and the topology declares none.
    public func subscribe(queue: String, prefetch: Int) async throws(RabbitMQError) -> Subscription {
        guard !session.isClosed else { throw .closed }
        guard let prefetch = UInt16(exactly: prefetch), prefetch > 0 else {
            throw RabbitMQError(.invalidArgument, "a prefetch of \(prefetch) for the queue \(queue) is not possible; give 1 to 65535")
        }
        let feed = SubscriptionFeed(id: nextFeed, queue: queue, prefetch: prefetch, backoff: makeBackoff())
        nextFeed += 1
        feeds[feed.id] = feed
        do throws(RabbitMQError) { try await open(feed, declaring: false) } catch {
            // A lost connection is opened again, and the subscription with it; a refusal is the caller's to know.
            guard error.isRetriable, error.code != .closed else {
                remove(feed, error)
                throw error
            }
        }
        return Subscription(queue: queue, id: feed.id, connection: self)
    }

    func next(of id: Int, max: Int) async throws -> [Delivery] {
        try Task.checkCancellation()
        guard let feed = feeds[id], !session.isClosed else { throw RabbitMQError.closed }
        if let batch = feed.takeNow(max) { return batch }
        let waiter = nextWaiter
        nextWaiter += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Others may have had a turn on the actor before this: what has arrived or ended since counts.
                if let batch = feed.takeNow(max) { return continuation.resume(returning: batch) }
                guard feeds[id] != nil, !session.isClosed else { return continuation.resume(throwing: RabbitMQError.closed) }
                feed.wait(id: waiter, maximum: max, continuation: continuation)
            }
        } onCancel: {
            Task { await self.cancelWaiter(waiter, of: id) }
        }
    }

    private func cancelWaiter(_ waiter: Int, of id: Int) { feeds[id]?.cancelWaiter(waiter) }

    /// Acknowledges finished deliveries, of any subscriptions, gathered into few frames. What is finished behind an
    /// unfinished one is acknowledged at the latest 50 ms later. Stale tags are ignored: the broker delivers those again.
    public func complete(_ tags: [DeliveryTag]) {
        let now = ContinuousClock.now
        forEachFeed(tags) { $0.complete($1, now: now) }
    }

    /// Gives deliveries back to their queue, or drops them (to the dead-letter exchange where the queue has one).
    public func reject(_ tags: [DeliveryTag], requeue: Bool) {
        let now = ContinuousClock.now
        forEachFeed(tags) { $0.reject($1, requeue: requeue, now: now) }
    }

    private func forEachFeed(_ tags: [DeliveryTag], _ body: (SubscriptionFeed, LazyMapSequence<ArraySlice<DeliveryTag>, UInt64>) -> Void) {
        var rest = tags[...]
        while let first = rest.first {
            let end = rest.firstIndex { $0.subscription != first.subscription || $0.generation != first.generation } ?? rest.endIndex
            if let feed = feeds[first.subscription], feed.channel != nil, feed.generation == first.generation {
                body(feed, rest[..<end].lazy.map(\.value))
                write(feed)
            }
            rest = rest[end...]
        }
    }

    func write(_ feed: SubscriptionFeed) {
        guard let transport = session.transport else { return }
        do throws(RabbitMQError) {
            if try !feed.writeActions(on: transport) { loop.wantsToWrite = true }
        } catch { session.fail(error) }
    }

    func pause(_ id: Int) async {
        guard let feed = feeds[id] else { return }
        feed.isPaused = true
        await closeChannel(of: feed)
    }

    func resume(_ id: Int) async {
        guard let feed = feeds[id], feed.isPaused else { return }
        feed.isPaused = false
        countConsumers()
        // A failure is logged and tried again.
        if feed.phase == .idle { do throws(RabbitMQError) { try await open(feed, declaring: false) } catch {} }
    }

    func cancel(_ id: Int) async {
        guard let feed = feeds[id] else { return }
        feed.isPaused = true
        remove(feed, RabbitMQError(.closed, "the subscription to the queue \(feed.queue) was cancelled by this program; subscribe again"))
        await closeChannel(of: feed)
    }

    private func remove(_ feed: SubscriptionFeed, _ error: RabbitMQError) {
        feeds[feed.id] = nil
        feed.failWaiters(error)
        countConsumers()
    }

    // MARK: Queues

    /// Declares more, now and at every reconnection.
    public func declare(_ more: Topology) async throws(RabbitMQError) {
        try await declareAll(more)
        topology.merge(more)
    }

    /// The live figures of a queue.
    ///
    /// - Throws: `rabbitmq.not_found` where there is none.
    public func status(ofQueue name: String) async throws(RabbitMQError) -> QueueStatus {
        guard case .queueStatus(let status) = try await call(.inspectQueue(name)) else {
            throw RabbitMQError(.protocolViolation, "RabbitMQ answered with another method than the one that was due; check what listens at that address")
        }
        return status
    }

    func declareAll(_ topology: Topology) async throws(RabbitMQError) {
        for declaration in topology.calls { _ = try await call(declaration) }
    }

    func call(_ call: BrokerCall, channel: UInt16 = Session.controlChannel) async throws(RabbitMQError) -> InboundFrame.Reply {
        let result: Result<InboundFrame.Reply, RabbitMQError> = await withCheckedContinuation { continuation in
            session.call(call, channel: channel) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    // MARK: The connection

    private func start() {
        loop.handler = { [weak self] readiness in self?.assumeIsolated { $0.serve(readiness) } }
        loop.nextWake = { [weak self] in self?.assumeIsolated { $0.nextWake } }
    }

    private func connect() async throws(RabbitMQError) {
        let attempt = session.attempt
        do throws(RabbitMQError) {
            let transport = try await Transport.open(session.configuration)
            try session.adopt(transport, attempt: attempt)
            try await declareAll(topology)
            try session.finishSetUp(attempt: attempt)
        } catch {
            session.fail(error, attempt: attempt)
            throw error
        }
        if !opensOneByOne {
            for feed in feeds.values where !feed.isPaused { reopen(feed, declaring: false) }
            return
        }
        let waiting = feeds.values.filter { !$0.isPaused }.sorted { $0.id < $1.id }
        // The next one once this one is open or refused; a connection that is lost on the way begins anew.
        Task { for feed in waiting where session.isReady { do throws(RabbitMQError) { try await open(feed, declaring: false) } catch {} } }
        opensOneByOne = false
    }

    /// The broker closes the whole connection over a queue that it cannot serve, and does not say which. Where one subscription was being opened it was that
    /// one's; where several were, they are opened one by one next time.
    private func noteLoss(_ error: RabbitMQError) {
        guard error.code == .refusedByServer else { return }
        let opening = feeds.values.filter(\.isOpening)
        if opening.count == 1 { opening[0].isUnanswered = true }
        opensOneByOne = !opening.isEmpty
    }

    private func reconnect() async {
        // The session has logged the failure and waits before the next attempt.
        do throws(RabbitMQError) { try await connect() } catch {}
    }

    private func reopen(_ feed: SubscriptionFeed, declaring: Bool) {
        // A failure is logged and tried again.
        Task { do throws(RabbitMQError) { try await open(feed, declaring: declaring) } catch {} }
    }

    private func serve(_ readiness: ConnectionLoop.Readiness) {
        let now = ContinuousClock.now
        session.beginRound(readiness, now: now)
        while let event = session.nextEvent(now: now) {
            switch event {
            case .frame(let frame): handle(frame)
            case .lost(let generation, let error):
                noteLoss(error)
                for feed in feeds.values { unlink(feed) }
                feedOfChannel = [:]
                closingChannels = []
                countConsumers()
                monitor.publish(.lost(generation: generation, error))
            case .reconnectDue: Task { [weak self] in await self?.reconnect() }
            case .closed: endAll()
            }
        }
        for feed in feeds.values {
            feed.feedWaiters()
            if case .retrying(let due) = feed.phase, due <= now, session.isReady, !feed.isPaused {
                feed.phase = .idle
                reopen(feed, declaring: true)
            }
            feed.flushOverdue(now: now)
            write(feed)
        }
    }

    private var nextWake: ContinuousClock.Instant? {
        let ofFeeds = session.isReady ? feeds.values.compactMap(\.nextWake).min() : nil
        return [session.nextWake, ofFeeds].compactMap { $0 }.min()
    }

    // MARK: Closing

    /// Ends at once: those who wait get `rabbitmq.closed`, finished deliveries are acknowledged, the others go back to their
    /// queues. Returns when the broker has said good-bye, at the latest after a second.
    public func close() async {
        for feed in feeds.values where !session.isClosed {
            feed.flushAll()
            write(feed)
        }
        session.beginClosing()
        for feed in feeds.values { feed.failWaiters(.closed) }
        await withCheckedContinuation { continuation in
            closers.append(continuation)
            if session.isEnded { endAll() }
        }
    }

    private func endAll() {
        for feed in feeds.values {
            unlink(feed)
            feed.failWaiters(.closed)
        }
        feedOfChannel = [:]
        countConsumers()
        for closer in closers { closer.resume() }
        closers = []
    }

    /// Cuts the connection as a lost network would; for tests.
    package func severConnection() { session.transport?.sever() }
}
