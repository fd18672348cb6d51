/// Names one delivery on one incarnation of one subscription's channel. Once that channel is gone the tag is stale, and harmless.
public struct DeliveryTag: Hashable, Sendable {
    /// The subscription's number on its connection.
    public let subscription: Int
    /// Counts the channels that the connection has opened for subscriptions.
    public let generation: Int
    /// The broker's delivery tag: 1, 2, 3, … on each channel.
    public let value: UInt64

    package init(subscription: Int, generation: Int, value: UInt64) {
        self.subscription = subscription
        self.generation = generation
        self.value = value
    }
}

/// A message that arrived. The broker keeps it until it is completed or rejected, or the channel ends.
public struct Delivery: Hashable, Sendable {
    public let tag: DeliveryTag
    /// Whether the broker may have delivered it before.
    public let isRedelivered: Bool
    public let body: [UInt8]

    public init(tag: DeliveryTag, isRedelivered: Bool, body: [UInt8]) {
        self.tag = tag
        self.isRedelivered = isRedelivered
        self.body = body
    }
}
