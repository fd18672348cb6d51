/// The state of one subscription: its channel, what has arrived and waits to be taken, who waits for it, and what is still to
/// be acknowledged. Belongs to the ``ConsumerConnection``'s actor.
///
/// The buffer is bounded by the prefetch: the broker sends no more than that many unacknowledged deliveries.
final class SubscriptionFeed {
    enum Phase: Equatable {
        /// No channel; opened when the connection is there and the subscription is wanted.
        case idle
        /// A channel is being opened, by the attempt with this number.
        case opening(Int)
        case open
        case retrying(at: ContinuousClock.Instant)
    }

    private struct Waiter {
        let id: Int
        let maximum: Int
        let continuation: CheckedContinuation<[Delivery], any Error>
    }

    let id: Int
    let queue: String
    let prefetch: UInt16
    var phase = Phase.idle
    var isPaused = false
    var isOpening: Bool { if case .opening = phase { true } else { false } }
    /// The broker did not answer when this was last opened, or could not serve the queue.
    var isUnanswered = false
    var channel: UInt16?
    var backoff: Backoff
    private(set) var generation = 0
    private var assembler: DeliveryAssembler
    private var tracker: AcknowledgementTracker
    private var buffer: [Delivery] = []
    private var taken = 0
    private var waiters: [Waiter] = []
    /// Decided, and not yet written because the socket was full.
    private var actions: [AcknowledgementTracker.Action] = []
    private var written = 0

    init(id: Int, queue: String, prefetch: UInt16, backoff: Backoff) {
        self.id = id
        self.queue = queue
        self.prefetch = prefetch
        self.backoff = backoff
        assembler = DeliveryAssembler(maximumBodyBytes: 0)
        tracker = AcknowledgementTracker(mostHeld: 1)
    }

    // MARK: The channel

    /// A new channel: tags of the old one are stale from now on.
    func begin(channel: UInt16, generation: Int, maximumBodyBytes: Int) {
        clear()
        self.channel = channel
        self.generation = generation
        assembler = DeliveryAssembler(maximumBodyBytes: maximumBodyBytes)
        tracker = AcknowledgementTracker(mostHeld: max(1, Int(prefetch) / 4))
    }

    /// The channel is gone; the broker delivers again whatever was not acknowledged.
    func end() {
        clear()
        phase = .idle
    }

    private func clear() {
        channel = nil
        generation = 0
        buffer = []
        taken = 0
        actions = []
        written = 0
        tracker = AcknowledgementTracker(mostHeld: 1)
    }

    // MARK: Arrival

    func deliver(tag: UInt64, isRedelivered: Bool) -> DeliveryAssembler.Action { note(assembler.method(.deliver(tag: tag, isRedelivered: isRedelivered))) }
    func header(bodySize: UInt64) -> DeliveryAssembler.Action { note(assembler.header(bodySize: bodySize)) }
    func body(_ fragment: [UInt8]) -> DeliveryAssembler.Action { note(assembler.body(fragment)) }

    private func note(_ action: DeliveryAssembler.Action) -> DeliveryAssembler.Action {
        guard case .content(let content) = action else { return action }
        switch content {
        case .delivery(let tag, let isRedelivered, let body):
            guard tracker.delivered(tag) else { return .violation("a delivery out of sequence") }
            buffer.append(Delivery(tag: DeliveryTag(subscription: id, generation: generation, value: tag), isRedelivered: isRedelivered, body: body))
        case .oversized(let tag, _):
            guard tracker.delivered(tag) else { return .violation("a delivery out of sequence") }
            // Kept in the queue it would only come back.
            actions += tracker.rejected([tag], requeue: false, now: .now)
        case .returned: return .violation("a returned message on a consumer's channel")
        }
        return action
    }

    // MARK: Those who wait

    var hasWaiters: Bool { !waiters.isEmpty }

    /// At most `maximum` deliveries, or nil where none is there or others have waited longer.
    func takeNow(_ maximum: Int) -> [Delivery]? { waiters.isEmpty && taken < buffer.count ? take(maximum) : nil }

    func wait(id: Int, maximum: Int, continuation: CheckedContinuation<[Delivery], any Error>) {
        waiters.append(Waiter(id: id, maximum: maximum, continuation: continuation))
    }

    func cancelWaiter(_ id: Int) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    func feedWaiters() {
        while !waiters.isEmpty, taken < buffer.count {
            let waiter = waiters.removeFirst()
            waiter.continuation.resume(returning: take(waiter.maximum))
        }
    }

    func failWaiters(_ error: RabbitMQError) {
        let all = waiters
        waiters = []
        for waiter in all { waiter.continuation.resume(throwing: error) }
    }

    private func take(_ maximum: Int) -> [Delivery] {
        let batch = Array(buffer[taken..<min(buffer.count, taken + max(1, maximum))])
        taken += batch.count
        if taken == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            taken = 0
        } else if taken > 1024 {
            buffer.removeFirst(taken)
            taken = 0
        }
        return batch
    }

    // MARK: Acknowledgement

    func complete(_ tags: some Sequence<UInt64>, now: ContinuousClock.Instant) { actions += tracker.completed(tags, now: now) }
    func reject(_ tags: some Sequence<UInt64>, requeue: Bool, now: ContinuousClock.Instant) { actions += tracker.rejected(tags, requeue: requeue, now: now) }

    func flushOverdue(now: ContinuousClock.Instant) {
        if let due = tracker.nextFlush, due <= now { actions += tracker.flush(now: now) }
    }

    func flushAll() { actions += tracker.flushAll() }

    var nextWake: ContinuousClock.Instant? {
        if case .retrying(let due) = phase { return due }
        return tracker.nextFlush
    }

    /// Writes what was decided, as far as the socket takes it.
    ///
    /// - Returns: false where the rest has to wait for the socket.
    func writeActions(on transport: Transport) throws(RabbitMQError) -> Bool {
        guard let channel, !actions.isEmpty else { return true }
        let isMany = actions.count - written > 2
        if isMany { transport.cork(true) }
        defer { if isMany { transport.cork(false) } }
        while written < actions.count {
            guard transport.hasRoom(forBytes: Self.actionBytes) else { return false }
            try transport.send(actions[written], channel: channel)
            written += 1
        }
        actions.removeAll(keepingCapacity: true)
        written = 0
        return true
    }

    /// A frame of basic.ack or basic.reject: 7 + 4 + 9 + 1 bytes.
    private static let actionBytes = 21
}
