import Logging

/// A connection for publishing with confirmations. It opens itself again, and declares its topology again, when it is lost.
///
/// Messages cross to the connection's thread a batch at a time. What is unconfirmed is bounded by a window; behind it, and
/// while the broker has an alarm, batches wait, at most until their deadline.
public actor Publisher {
    /// What may be unconfirmed at once, over all calls of ``publish(_:deadline:)``.
    public struct Window: Hashable, Sendable {
        public var messages: Int
        public var bytes: Int

        public init(messages: Int = 2048, bytes: Int = 16 << 20) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    private struct Pending {
        let messages: [Message]
        let continuation: CheckedContinuation<Result<[PublishOutcome], RabbitMQError>, Never>
    }

    private static let publishChannel: UInt16 = 2
    /// AMQP's overhead for one message: the method's and header's frames, with room for the names.
    private static let messageOverhead = 256

    private let loop: ConnectionLoop
    nonisolated private let monitor: ConnectionMonitor
    private let session: Session
    private var topology: Topology
    private var tracker: ConfirmTracker
    private var assembler: DeliveryAssembler
    private var pending: [Int: Pending] = [:]
    /// Ended by their deadline or cancellation before their caller had begun to wait; taken as soon as it does.
    private var early: [Int: [PublishOutcome]] = [:]
    private var closers: [CheckedContinuation<Void, Never>] = []

    nonisolated public var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// How it is, also while its thread is stuck.
    nonisolated public var health: ConnectionHealth { monitor.health }
    /// 0 before the first connection, one more for each. What was unconfirmed in an earlier generation is open again.
    nonisolated public var generation: Int { monitor.generation }
    /// As the broker says, such as `3.10.8`.
    nonisolated public var serverVersion: String? { monitor.health.serverVersion }
    /// Connected, lost, closed, from now on. A slow listener misses the oldest.
    nonisolated public func events() -> AsyncStream<ConnectionEvent> { monitor.events() }

    private init(_ configuration: ConnectionConfiguration, _ topology: Topology, _ window: Window, _ backoff: Backoff, _ logger: Logger) throws(RabbitMQError) {
        loop = try ConnectionLoop()
        session = Session(configuration: configuration, loop: loop, backoff: backoff, logger: logger)
        monitor = session.monitor
        self.topology = topology
        tracker = ConfirmTracker(window: ConfirmTracker.Window(messages: window.messages, bytes: window.bytes))
        // Bodies of returned messages are not kept.
        assembler = DeliveryAssembler(maximumBodyBytes: 0)
    }

    deinit { loop.stop() }

    /// Connects, declares the topology and turns confirmations on.
    ///
    /// - Throws: what went wrong at this first attempt; after it the publisher reconnects by itself.
    public static func open(
        _ configuration: ConnectionConfiguration, topology: Topology = Topology(), window: Window = Window(), reconnect: ReconnectPolicy = ReconnectPolicy(),
        randomFraction: @escaping @Sendable () -> Double = { .random(in: 0...1) }, logger: Logger = Logger(label: "rabbitmq", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws(RabbitMQError) -> Publisher {
        let publisher = try Publisher(configuration, topology, window, Backoff(policy: reconnect, randomFraction: randomFraction), logger)
        await publisher.start()
        do throws(RabbitMQError) { try await publisher.connect() } catch {
            await publisher.close()
            throw error
        }
        return publisher
    }

    // MARK: Publishing

    /// Sends the messages and waits until the broker has answered for each, or the deadline has come.
    ///
    /// - Parameters:
    ///   - messages: sent in this order, between those of other calls.
    ///   - deadline: from now. The task's cancellation counts as the deadline.
    /// - Returns: one outcome per message, in order.
    /// - Throws: ``RabbitMQError`` `rabbitmq.closed`, or `rabbitmq.invalid_argument` for a name over 255 bytes, before anything is sent.
    public func publish(_ messages: [Message], deadline: Duration) async throws(RabbitMQError) -> [PublishOutcome] {
        guard !session.isClosed else { throw .closed }
        guard !messages.isEmpty else { return [] }
        for message in messages { try Self.validate(message) }
        let batch = tracker.add(sizes: messages.map { $0.body.count + Self.messageOverhead }, deadline: .now + deadline)
        let result: Result<[PublishOutcome], RabbitMQError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Others may have had a turn on the actor before this: what has ended since counts.
                guard !session.isClosed else { return continuation.resume(returning: .failure(.closed)) }
                if let early = early.removeValue(forKey: batch) { return continuation.resume(returning: .success(early)) }
                pending[batch] = Pending(messages: messages, continuation: continuation)
                sendWaiting()
            }
        } onCancel: {
            Task { await self.cancel(batch) }
        }
        return try result.get()
    }

    private static func validate(_ message: Message) throws(RabbitMQError) {
        for text in [message.exchange, message.routingKey, message.contentType ?? "", message.messageID ?? ""] where text.utf8.count > 255 {
            throw RabbitMQError(.invalidArgument, "a name of \(text.utf8.count) bytes in a message is too long for AMQP; at most 255 are allowed")
        }
    }

    private func cancel(_ batch: Int) { finish(tracker.cancel(batch)) }

    /// Sends what the window, the broker and the socket allow.
    private func sendWaiting() {
        guard let transport = session.transport, var position = tracker.next() else { return }
        transport.cork(true)
        defer { transport.cork(false) }
        while true {
            guard let batch = pending[position.batch] else { return }
            guard transport.hasRoom(forBytes: position.bytes) else {
                loop.wantsToWrite = true
                return
            }
            do throws(RabbitMQError) { try transport.publish(batch.messages[position.index], tag: position.tag, channel: Self.publishChannel) } catch {
                return session.fail(error)
            }
            tracker.sent(position)
            guard let next = tracker.next() else { return }
            position = next
        }
    }

    private func finish(_ batches: [ConfirmTracker.Finished]) {
        for batch in batches {
            if let entry = pending.removeValue(forKey: batch.batch) {
                entry.continuation.resume(returning: .success(batch.outcomes))
            } else if !session.isClosed {
                early[batch.batch] = batch.outcomes
            }
        }
    }

    // MARK: Queues

    /// Declares more, now and at every reconnection.
    public func declare(_ more: Topology) async throws(RabbitMQError) {
        try await declareAll(more)
        topology.merge(more)
    }

    /// The live figures of a queue.
    ///
    /// - Throws: `rabbitmq.not_found` where there is none. Confirmations under way are not touched.
    public func status(ofQueue name: String) async throws(RabbitMQError) -> QueueStatus {
        guard case .queueStatus(let status) = try await call(.inspectQueue(name)) else { throw Self.unexpectedReply }
        return status
    }

    /// - Returns: how many messages were dropped; those delivered and not yet acknowledged are not among them.
    public func purge(queue name: String) async throws(RabbitMQError) -> Int {
        guard case .messageCount(let count) = try await call(.purgeQueue(name)) else { throw Self.unexpectedReply }
        return count
    }

    /// Deletes a queue with all in it, and forgets its declaration. A queue that is not there is no error.
    public func delete(queue name: String) async throws(RabbitMQError) {
        topology.queues.removeAll { $0.name == name }
        topology.bindings.removeAll { $0.queue == name }
        _ = try await call(.deleteQueue(name))
    }

    /// Deletes an exchange, and forgets its declaration.
    public func delete(exchange name: String) async throws(RabbitMQError) {
        topology.exchanges.removeAll { $0.name == name }
        topology.bindings.removeAll { $0.exchange == name }
        _ = try await call(.deleteExchange(name))
    }

    private static let unexpectedReply = RabbitMQError(.protocolViolation, "RabbitMQ answered with another method than the one that was due; check what listens at that address")

    private func call(_ call: BrokerCall, channel: UInt16 = Session.controlChannel) async throws(RabbitMQError) -> InboundFrame.Reply {
        let result: Result<InboundFrame.Reply, RabbitMQError> = await withCheckedContinuation { continuation in
            session.call(call, channel: channel) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private func declareAll(_ topology: Topology) async throws(RabbitMQError) {
        for declaration in topology.calls { _ = try await call(declaration) }
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
            _ = try await call(.openChannel, channel: Self.publishChannel)
            _ = try await call(.selectConfirms, channel: Self.publishChannel)
            try session.finishSetUp(attempt: attempt)
        } catch {
            session.fail(error, attempt: attempt)
            throw error
        }
        assembler = DeliveryAssembler(maximumBodyBytes: 0)
        tracker.connected()
        if let reason = session.blockedReason { tracker.blocked(reason) }
        sendWaiting()
    }

    private func reconnect() async {
        // The session has logged the failure and waits before the next attempt.
        do throws(RabbitMQError) { try await connect() } catch {}
    }

    private func serve(_ readiness: ConnectionLoop.Readiness) {
        let now = ContinuousClock.now
        session.beginRound(readiness, now: now)
        while let event = session.nextEvent(now: now) {
            switch event {
            case .frame(let frame): handle(frame)
            case .lost(let generation, let error):
                finish(tracker.connectionLost())
                monitor.publish(.lost(generation: generation, error))
            case .reconnectDue: Task { [weak self] in await self?.reconnect() }
            case .closed: endAll()
            }
        }
        finish(tracker.expire(now: now))
        if tracker.isStalled {
            session.fail(RabbitMQError(.connectionLost, "RabbitMQ left a whole window of messages unconfirmed past their deadlines; the connection is opened again", isRetriable: true))
        }
        sendWaiting()
    }

    private var nextWake: ContinuousClock.Instant? { [session.nextWake, tracker.nextDeadline].compactMap { $0 }.min() }

    private func handle(_ frame: InboundFrame) {
        switch frame {
        case .confirmed(Self.publishChannel, let tag, let multiple): finish(tracker.confirmed(tag, multiple: multiple))
        case .refused(Self.publishChannel, let tag, let multiple): finish(tracker.refused(tag, multiple: multiple))
        case .returned(Self.publishChannel, let code, let text): note(assembler.method(.returned(code: code, text: text)))
        case .header(Self.publishChannel, let size, let correlationID): note(assembler.header(bodySize: size, correlationID: correlationID))
        case .body(Self.publishChannel, let fragment): note(assembler.body(fragment))
        case .blocked(let reason): tracker.blocked(reason)
        case .unblocked: tracker.unblocked()
        case .channelClosed(_, let code, let text):
            // Confirmations end with their channel, and so does the order of tags; an exchange that is missing does this.
            session.fail(.fromServer(code: code, text: text, subject: "publishing"))
        default: break
        }
    }

    private func note(_ action: DeliveryAssembler.Action) {
        switch action {
        case .none: break
        case .content(.returned(let code, let text, let correlationID)):
            if let tag = UInt64(correlationID) { tracker.returned(tag, code: code, text: text) }
        case .content: break
        case .violation(let what):
            session.fail(RabbitMQError(.protocolViolation, "RabbitMQ sent \(what); check what listens at that address", isRetriable: true))
        }
    }

    // MARK: Closing

    /// Ends at once: waiting calls get `rabbitmq.closed`. Returns when the broker has said good-bye, at the latest after a second.
    public func close() async {
        session.beginClosing()
        endAll(keepingClosers: true)
        await withCheckedContinuation { continuation in
            closers.append(continuation)
            if session.isEnded { endAll() }
        }
    }

    private func endAll(keepingClosers: Bool = false) {
        let waiting = pending
        pending = [:]
        early = [:]
        for entry in waiting.values { entry.continuation.resume(returning: .failure(.closed)) }
        guard !keepingClosers else { return }
        for closer in closers { closer.resume() }
        closers = []
    }

    /// Cuts the connection as a lost network would; for tests.
    package func severConnection() { session.transport?.sever() }
}
