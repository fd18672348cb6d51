/// A value in an AMQP field table.
public enum FieldValue: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case text(String)
    case integer(Int64)
    case boolean(Bool)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

/// A queue as it is to be: declared again, it changes nothing; declared otherwise, the broker refuses (406).
public struct QueueDeclaration: Hashable, Sendable {
    public var name: String
    public var isDurable: Bool
    public var isExclusive: Bool
    public var deletesItself: Bool
    /// The `x-…` arguments.
    public var arguments: [String: FieldValue]
    /// Whether its messages may be lost, because whoever sent them sends them again. Such a queue is deleted and declared anew when it does not
    /// answer its consumers or cannot be served: a quorum queue whose node was killed while it was being made may stay without a leader for ever.
    public var isReplaceable = false

    public init(_ name: String, isDurable: Bool = true, isExclusive: Bool = false, deletesItself: Bool = false, arguments: [String: FieldValue] = [:]) {
        self.name = name
        self.isDurable = isDurable
        self.isExclusive = isExclusive
        self.deletesItself = deletesItself
        self.arguments = arguments
    }

    /// A replicated, durable queue.
    ///
    /// - Parameter deliveryLimit: how often a message may come back before the broker drops it or dead-letters it: a limit of 2 allows 3 deliveries.
    public static func quorum(_ name: String, deliveryLimit: Int? = nil, arguments: [String: FieldValue] = [:]) -> QueueDeclaration {
        var all = arguments
        all["x-queue-type"] = "quorum"
        if let deliveryLimit { all["x-delivery-limit"] = .integer(Int64(deliveryLimit)) }
        return QueueDeclaration(name, arguments: all)
    }
}

public struct ExchangeDeclaration: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case direct, fanout, topic, headers }

    public var name: String
    public var kind: Kind
    public var isDurable: Bool
    public var arguments: [String: FieldValue]

    public init(_ name: String, kind: Kind = .direct, isDurable: Bool = true, arguments: [String: FieldValue] = [:]) {
        self.name = name
        self.kind = kind
        self.isDurable = isDurable
        self.arguments = arguments
    }
}

/// Messages for `exchange` that match `routingKey` go to `queue`.
public struct Binding: Hashable, Sendable {
    public var queue: String
    public var exchange: String
    public var routingKey: String

    public init(queue: String, exchange: String, routingKey: String) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
    }
}

/// What a connection declares whenever it is opened, in this order: exchanges, queues, bindings.
public struct Topology: Hashable, Sendable {
    public var exchanges: [ExchangeDeclaration]
    public var queues: [QueueDeclaration]
    public var bindings: [Binding]

    public init(exchanges: [ExchangeDeclaration] = [], queues: [QueueDeclaration] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }

    /// Adds what is not yet there; the other's declaration replaces one of the same name.
    public mutating func merge(_ other: Topology) {
        exchanges = exchanges.filter { old in !other.exchanges.contains { $0.name == old.name } } + other.exchanges
        queues = queues.filter { old in !other.queues.contains { $0.name == old.name } } + other.queues
        bindings += other.bindings.filter { !bindings.contains($0) }
    }
}

/// The live figures of a queue, as a passive declaration gives them.
public struct QueueStatus: Hashable, Sendable {
    /// Messages that wait; those delivered and not yet acknowledged are not counted.
    public var ready: Int
    public var consumers: Int

    public init(ready: Int, consumers: Int) {
        self.ready = ready
        self.consumers = consumers
    }
}

extension Topology {
    /// The declarations in an order that works: what is bound exists before.
    var calls: [BrokerCall] {
        exchanges.map { .declareExchange($0) } + queues.map { .declareQueue($0) } + bindings.map { .bind($0) }
    }
}
