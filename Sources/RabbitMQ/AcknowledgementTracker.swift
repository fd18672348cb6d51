/// Decides how finished deliveries of one channel are acknowledged, in as few frames as possible.
///
/// The broker numbers a channel's deliveries 1, 2, 3, …. What is finished up to the first unfinished one goes as a single
/// `multiple` acknowledgement. What is finished behind that gap waits a little for the gap to close; when `longestHold`
/// passes, or `mostHeld` wait, each of them is acknowledged by itself, so that one slow handler never keeps the broker from
/// sending more.
package struct AcknowledgementTracker {
    package enum Action: Hashable, Sendable {
        case acknowledge(UInt64, multiple: Bool)
        case reject(UInt64, requeue: Bool)
    }

    private enum State { case unfinished, held, settled }

    private let longestHold: Duration
    private let mostHeld: Int
    /// `states[0]` is delivery `firstTag`; those before `head` are settled.
    private var states: [State] = []
    private var head = 0
    private var firstTag: UInt64 = 1
    private var held = 0
    /// When the oldest held delivery has waited long enough.
    package private(set) var nextFlush: ContinuousClock.Instant?
    package private(set) var unfinished = 0

    package init(longestHold: Duration = .milliseconds(50), mostHeld: Int) {
        self.longestHold = longestHold
        self.mostHeld = max(mostHeld, 1)
    }

    /// - Returns: false for a number out of sequence, which no broker sends.
    package mutating func delivered(_ tag: UInt64) -> Bool {
        guard tag == firstTag &+ UInt64(states.count) else { return false }
        states.append(.unfinished)
        unfinished += 1
        return true
    }

    /// Tags that are unknown or settled already change nothing.
    package mutating func completed(_ tags: some Sequence<UInt64>, now: ContinuousClock.Instant) -> [Action] {
        for tag in tags {
            guard let position = position(of: tag) else { continue }
            states[position] = .held
            held += 1
            unfinished -= 1
        }
        return flush(now: now)
    }

    package mutating func rejected(_ tags: some Sequence<UInt64>, requeue: Bool, now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for tag in tags {
            guard let position = position(of: tag) else { continue }
            states[position] = .settled
            unfinished -= 1
            actions.append(.reject(tag, requeue: requeue))
        }
        return actions + flush(now: now)
    }

    /// Acknowledges the finished prefix, and the rest too where it has waited long enough.
    package mutating func flush(now: ContinuousClock.Instant) -> [Action] {
        var actions = acknowledgePrefix()
        if held >= mostHeld || nextFlush.map({ $0 <= now }) == true { actions += acknowledgeHeld() }
        if held == 0 { nextFlush = nil } else if nextFlush == nil { nextFlush = now + longestHold }
        return actions
    }

    /// Acknowledges all that is finished, at once.
    package mutating func flushAll() -> [Action] {
        defer { nextFlush = nil }
        return acknowledgePrefix() + acknowledgeHeld()
    }

    private func position(of tag: UInt64) -> Int? {
        guard tag >= firstTag, let position = Int(exactly: tag - firstTag), position >= head, position < states.count,
              states[position] == .unfinished else { return nil }
        return position
    }

    /// A `multiple` acknowledgement must name a delivery that is still open at the broker: naming one that was already
    /// acknowledged by itself closes the channel (406 unknown delivery tag).
    private mutating func acknowledgePrefix() -> [Action] {
        var last: Int?
        var count = 0
        while head < states.count, states[head] != .unfinished {
            if states[head] == .held {
                last = head
                count += 1
            }
            states[head] = .settled
            head += 1
        }
        held -= count
        defer { compact() }
        guard let last else { return [] }
        return [.acknowledge(firstTag &+ UInt64(last), multiple: count > 1)]
    }

    private mutating func acknowledgeHeld() -> [Action] {
        var actions: [Action] = []
        for position in head..<states.count where states[position] == .held {
            states[position] = .settled
            actions.append(.acknowledge(firstTag &+ UInt64(position), multiple: false))
        }
        held = 0
        return actions
    }

    private mutating func compact() {
        guard head == states.count || head > 4096 else { return }
        states.removeFirst(head)
        firstTag &+= UInt64(head)
        head = 0
    }
}
