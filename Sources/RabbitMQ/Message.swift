/// A message to publish.
public struct Message: Hashable, Sendable {
    /// Empty for the default exchange, whose routing key is the queue's name. Another one must exist: the broker closes the
    /// channel over a missing exchange, so that all that is unconfirmed ends as `connectionLost`.
    public var exchange: String
    public var routingKey: String
    public var body: [UInt8]
    public var contentType: String?
    public var messageID: String?
    /// Kept on disk by durable queues.
    public var isPersistent: Bool
    /// Comes back as `returned` where no queue takes it. Without it an unroutable message counts as confirmed.
    public var isMandatory: Bool

    public init(
        exchange: String = "", routingKey: String, body: [UInt8], contentType: String? = nil, messageID: String? = nil,
        isPersistent: Bool = true, isMandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.contentType = contentType
        self.messageID = messageID
        self.isPersistent = isPersistent
        self.isMandatory = isMandatory
    }
}

/// What became of one published message.
public enum PublishOutcome: Hashable, Sendable {
    /// The broker has taken responsibility for it.
    case confirmed
    /// No queue took it (312 NO_ROUTE, or 313 where nobody consumes).
    case returned(code: UInt16, text: String)
    /// The broker could not take it, for instance because the queue is full and refuses more.
    case nacked
    case unconfirmed(UnconfirmedReason)
}

/// Why it is not known, or not so, that the broker has a message.
public enum UnconfirmedReason: Hashable, Sendable {
    /// Sent, and the connection went before the confirmation came: it may or may not be in the queue.
    case connectionLost
    /// Sent, and not confirmed within the deadline: it may or may not be in the queue.
    case deadline
    /// Never sent, hence surely not in the queue.
    case notSent(NotSentReason)
}

public enum NotSentReason: Hashable, Sendable {
    /// The broker has an alarm (memory or disk) and takes nothing; with its reason.
    case blocked(String)
    /// There was no connection before the deadline.
    case notConnected
    /// The window of unconfirmed messages, or the socket, stayed full until the deadline.
    case windowFull
}
