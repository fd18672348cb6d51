/// The publisher's state machine: which messages may be sent now, and what becomes of those that were.
///
/// It does no I/O and reads no clock. The owner sends what ``next()`` names, reports what the broker says, and hands each
/// ``Finished`` batch to its caller. Confirmations belong to one connection: ``connectionLost()`` ends them all.
package struct ConfirmTracker {
    /// What may be unconfirmed at once. One message larger than `bytes` is let through alone.
    package struct Window: Hashable, Sendable {
        package var messages: Int
        package var bytes: Int

        package init(messages: Int, bytes: Int) {
            self.messages = max(messages, 1)
            self.bytes = max(bytes, 1)
        }
    }

    package struct Finished: Hashable, Sendable {
        package let batch: Int
        /// One per message, in the order of publishing.
        package let outcomes: [PublishOutcome]

        package init(batch: Int, outcomes: [PublishOutcome]) {
            self.batch = batch
            self.outcomes = outcomes
        }
    }

    package struct Position: Hashable, Sendable {
        package let batch: Int
        package let index: Int
        package let bytes: Int
        /// The delivery tag that the broker will use for it.
        package let tag: UInt64
    }

    private struct Batch {
        let sizes: [Int]
        let deadline: ContinuousClock.Instant
        var outcomes: [PublishOutcome?]
        var unsettled: Int
        var sent = 0
    }

    private struct Slot {
        let batch: Int
        let index: Int
        let bytes: Int
        var returned: PublishOutcome?
        var isSettled = false
        /// Its batch ended at the deadline; only the broker's answer is still to come.
        var isAbandoned = false
    }

    private let window: Window
    private var batches: [Int: Batch] = [:]
    /// Batches with unsent messages, oldest first.
    private var queue: [Int] = []
    private var nextBatch = 0
    /// Sent messages by tag: `slots[0]` has tag `firstTag`; those before `head` are settled.
    private var slots: [Slot] = []
    private var head = 0
    private var firstTag: UInt64 = 1
    private var abandoned = 0
    /// Not later than the earliest deadline of a batch.
    private var deadlineBound: ContinuousClock.Instant?

    package private(set) var messagesInFlight = 0
    package private(set) var bytesInFlight = 0
    package private(set) var isConnected = false
    package private(set) var blockedReason: String?

    package init(window: Window) { self.window = window }

    /// When ``expire(now:)`` is worth calling next.
    package var nextDeadline: ContinuousClock.Instant? { deadlineBound }

    /// More sent messages than a whole window ran past their deadlines unanswered: the connection is of no use
    /// any more. An alarm is no such case: a new connection would be blocked as well.
    package var isStalled: Bool { abandoned >= window.messages && blockedReason == nil }

    // MARK: Events

    package mutating func connected() {
        isConnected = true
        blockedReason = nil
    }

    package mutating func blocked(_ reason: String) { blockedReason = reason }
    package mutating func unblocked() { blockedReason = nil }

    /// Queues a batch, of `sizes.count ≥ 1` messages.
    package mutating func add(sizes: [Int], deadline: ContinuousClock.Instant) -> Int {
        precondition(!sizes.isEmpty, "an empty batch has nothing to wait for")
        let id = nextBatch
        nextBatch += 1
        batches[id] = Batch(sizes: sizes, deadline: deadline, outcomes: Array(repeating: nil, count: sizes.count), unsettled: sizes.count)
        queue.append(id)
        deadlineBound = deadlineBound.map { min($0, deadline) } ?? deadline
        return id
    }

    /// The message to send now, or nil while nothing waits, the window is full, the broker is blocked or there is no connection.
    package func next() -> Position? {
        guard isConnected, blockedReason == nil, let id = queue.first, let batch = batches[id] else { return nil }
        let bytes = batch.sizes[batch.sent]
        guard messagesInFlight < window.messages, messagesInFlight == 0 || bytes <= window.bytes - bytesInFlight else { return nil }
        return Position(batch: id, index: batch.sent, bytes: bytes, tag: firstTag &+ UInt64(slots.count))
    }

    /// The message that ``next()`` named went out.
    package mutating func sent(_ position: Position) {
        slots.append(Slot(batch: position.batch, index: position.index, bytes: position.bytes))
        messagesInFlight += 1
        bytesInFlight += position.bytes
        batches[position.batch]?.sent += 1
        if let batch = batches[position.batch], batch.sent == batch.sizes.count { queue.removeFirst() }
    }

    /// `basic.ack`. Tags that are unknown or already settled change nothing.
    package mutating func confirmed(_ tag: UInt64, multiple: Bool) -> [Finished] { settle(tag, multiple, .confirmed) }

    /// `basic.nack`.
    package mutating func refused(_ tag: UInt64, multiple: Bool) -> [Finished] { settle(tag, multiple, .nacked) }

    /// `basic.return`: comes before the confirmation of the same message, which then counts as returned.
    package mutating func returned(_ tag: UInt64, code: UInt16, text: String) {
        guard let position = position(of: tag) else { return }
        slots[position].returned = .returned(code: code, text: text)
    }

    /// Ends what was sent. A batch of which nothing was sent yet waits for the next connection until its deadline.
    package mutating func connectionLost() -> [Finished] {
        isConnected = false
        blockedReason = nil
        var touched: [Int] = []
        for position in head..<slots.count where !slots[position].isSettled {
            let slot = slots[position]
            if touched.last != slot.batch, batches[slot.batch] != nil { touched.append(slot.batch) }
        }
        slots.removeAll(keepingCapacity: true)
        head = 0
        firstTag = 1
        abandoned = 0
        messagesInFlight = 0
        bytesInFlight = 0
        let partlySent = queue.filter { (batches[$0]?.sent ?? 0) > 0 && !touched.contains($0) }
        return (touched + partlySent).compactMap { end($0, sent: .connectionLost, unsent: .notConnected) }
    }

    /// Ends the batches whose deadline has come.
    package mutating func expire(now: ContinuousClock.Instant) -> [Finished] {
        guard let bound = deadlineBound, bound <= now else { return [] }
        let due = batches.filter { $0.value.deadline <= now }.keys.sorted()
        if !due.isEmpty { abandon(Set(due)) }
        let finished = due.compactMap { end($0, sent: .deadline, unsent: reasonForNotSending) }
        deadlineBound = batches.values.map(\.deadline).min()
        return finished
    }

    /// Ends one batch as its deadline would, because nobody waits for it any more.
    package mutating func cancel(_ id: Int) -> [Finished] {
        guard batches[id] != nil else { return [] }
        abandon([id])
        return [end(id, sent: .deadline, unsent: reasonForNotSending)].compactMap { $0 }
    }

    // MARK: Steps

    private var reasonForNotSending: NotSentReason { blockedReason.map { .blocked($0) } ?? (isConnected ? .windowFull : .notConnected) }

    private func position(of tag: UInt64) -> Int? {
        guard tag >= firstTag, let position = Int(exactly: tag - firstTag), position >= head, position < slots.count else { return nil }
        return position
    }

    private mutating func settle(_ tag: UInt64, _ multiple: Bool, _ outcome: PublishOutcome) -> [Finished] {
        guard let last = multiple && tag == 0 ? slots.count - 1 : position(of: tag) else { return [] }
        var finished: [Finished] = []
        for position in (multiple ? head : last)..<(last + 1) where !slots[position].isSettled {
            if let batch = settle(at: position, outcome) { finished.append(batch) }
        }
        while head < slots.count, slots[head].isSettled { head += 1 }
        if head == slots.count || head > 4096 {
            slots.removeFirst(head)
            firstTag &+= UInt64(head)
            head = 0
        }
        return finished
    }

    private mutating func settle(at position: Int, _ outcome: PublishOutcome) -> Finished? {
        let slot = slots[position]
        slots[position].isSettled = true
        guard !slot.isAbandoned else {
            abandoned -= 1
            return nil
        }
        messagesInFlight -= 1
        bytesInFlight -= slot.bytes
        let unsettled: Int? = {
            batches[slot.batch]?.outcomes[slot.index] = slot.returned ?? outcome
            batches[slot.batch]?.unsettled -= 1
            return batches[slot.batch]?.unsettled
        }()
        guard unsettled == 0, let batch = batches.removeValue(forKey: slot.batch) else { return nil }
        return Finished(batch: slot.batch, outcomes: batch.outcomes.compactMap { $0 })
    }

    /// Takes the unanswered messages of `due` out of the window: an unavailable queue must not hold up the others.
    private mutating func abandon(_ due: Set<Int>) {
        for position in head..<slots.count where !slots[position].isSettled && !slots[position].isAbandoned && due.contains(slots[position].batch) {
            slots[position].isAbandoned = true
            abandoned += 1
            messagesInFlight -= 1
            bytesInFlight -= slots[position].bytes
        }
    }

    private mutating func end(_ id: Int, sent: UnconfirmedReason, unsent: NotSentReason) -> Finished? {
        guard let batch = batches.removeValue(forKey: id) else { return nil }
        queue.removeAll { $0 == id }
        let outcomes = batch.outcomes.enumerated().map { index, outcome in
            outcome ?? .unconfirmed(index < batch.sent ? sent : .notSent(unsent))
        }
        return Finished(batch: id, outcomes: outcomes)
    }
}
