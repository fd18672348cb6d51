/// The methods that wait for the broker's answer, per channel. One is under way on each channel at a time, since a refusal
/// closes the channel, and the broker then ignores whatever was sent behind it.
struct CallQueue {
    typealias Completion = (Result<InboundFrame.Reply, RabbitMQError>) -> Void

    struct Call {
        let call: BrokerCall
        let deadline: ContinuousClock.Instant
        /// Nil once the caller has been told that time is up; the answer is still to come.
        var completion: Completion?
        var isSent = false
    }

    private var channels: [UInt16: [Call]] = [:]

    mutating func append(_ call: Call, channel: UInt16) { channels[channel, default: []].append(call) }

    /// Puts a call before those that wait, where none is under way.
    mutating func prepend(_ call: Call, channel: UInt16) { channels[channel, default: []].insert(call, at: 0) }

    /// Whether something waits on the channel and nothing is under way.
    func isDue(channel: UInt16) -> Bool { channels[channel]?.first.map { !$0.isSent } ?? false }

    mutating func startNext(channel: UInt16) -> BrokerCall? {
        guard isDue(channel: channel) else { return nil }
        channels[channel]?[0].isSent = true
        return channels[channel]?.first?.call
    }

    /// The call that was under way.
    mutating func answered(channel: UInt16) -> Call? {
        guard channels[channel]?.first?.isSent == true else { return nil }
        return channels[channel]?.removeFirst()
    }

    mutating func removeAll(channel: UInt16) -> [Call] { channels.removeValue(forKey: channel) ?? [] }

    mutating func removeAll() -> [Call] {
        defer { channels = [:] }
        return channels.values.flatMap { $0 }
    }

    mutating func expire(now: ContinuousClock.Instant) -> [(subject: String, completion: Completion)] {
        var expired: [(subject: String, completion: Completion)] = []
        for channel in channels.keys {
            for (index, call) in (channels[channel] ?? []).enumerated() where call.deadline <= now {
                guard let completion = call.completion else { continue }
                expired.append((call.call.subject, completion))
                channels[channel]?[index].completion = nil
            }
            channels[channel]?.removeAll { $0.completion == nil && !$0.isSent }
        }
        return expired
    }

    /// Whether what is under way on the channel was given up, and so holds up whatever comes behind it.
    func isStuck(channel: UInt16) -> Bool { channels[channel]?.first.map { $0.isSent && $0.completion == nil } ?? false }

    var nextDeadline: ContinuousClock.Instant? { channels.values.joined().filter { $0.completion != nil }.map(\.deadline).min() }
}
