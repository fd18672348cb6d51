import CRabbitMQ

/// A method of AMQP that the broker answers.
enum BrokerCall: Sendable {
    case openChannel
    case closeChannel
    case declareQueue(QueueDeclaration)
    case inspectQueue(String)
    case deleteQueue(String)
    case purgeQueue(String)
    case declareExchange(ExchangeDeclaration)
    case deleteExchange(String)
    case bind(Binding)
    case selectConfirms
    case setPrefetch(UInt16)
    case consume(String)

    /// What an error is about, such as `the queue frames.bulk`.
    var subject: String {
        switch self {
        case .openChannel, .closeChannel, .selectConfirms, .setPrefetch: "a channel"
        case .declareQueue(let queue): "the queue \(queue.name)"
        case .inspectQueue(let name), .deleteQueue(let name), .purgeQueue(let name), .consume(let name): "the queue \(name)"
        case .declareExchange(let exchange): "the exchange \(exchange.name)"
        case .deleteExchange(let name): "the exchange \(name)"
        case .bind(let binding): "the binding of the queue \(binding.queue) to the exchange \(binding.exchange)"
        }
    }

    func send(on transport: Transport, channel: UInt16) throws(RabbitMQError) {
        try CallArguments.with { (memory: inout CallArguments) throws(RabbitMQError) in
            switch self {
            case .openChannel: try transport.send(amqp_method_number_t(AMQP_CHANNEL_OPEN_METHOD), amqp_channel_open_t(out_of_band: amqp_empty_bytes), channel: channel)
            case .closeChannel:
                try transport.send(amqp_method_number_t(AMQP_CHANNEL_CLOSE_METHOD), amqp_channel_close_t(reply_code: 200, reply_text: amqp_empty_bytes, class_id: 0, method_id: 0), channel: channel)
            case .declareQueue(let queue):
                let method = amqp_queue_declare_t(
                    ticket: 0, queue: try memory.shortText(queue.name), passive: 0, durable: queue.isDurable ? 1 : 0, exclusive: queue.isExclusive ? 1 : 0,
                    auto_delete: queue.deletesItself ? 1 : 0, nowait: 0, arguments: try memory.table(queue.arguments))
                try transport.send(amqp_method_number_t(AMQP_QUEUE_DECLARE_METHOD), method, channel: channel)
            case .inspectQueue(let name):
                let method = amqp_queue_declare_t(
                    ticket: 0, queue: try memory.shortText(name), passive: 1, durable: 0, exclusive: 0, auto_delete: 0, nowait: 0, arguments: amqp_empty_table)
                try transport.send(amqp_method_number_t(AMQP_QUEUE_DECLARE_METHOD), method, channel: channel)
            case .deleteQueue(let name):
                let method = amqp_queue_delete_t(ticket: 0, queue: try memory.shortText(name), if_unused: 0, if_empty: 0, nowait: 0)
                try transport.send(amqp_method_number_t(AMQP_QUEUE_DELETE_METHOD), method, channel: channel)
            case .purgeQueue(let name):
                let method = amqp_queue_purge_t(ticket: 0, queue: try memory.shortText(name), nowait: 0)
                try transport.send(amqp_method_number_t(AMQP_QUEUE_PURGE_METHOD), method, channel: channel)
            case .declareExchange(let exchange):
                let method = amqp_exchange_declare_t(
                    ticket: 0, exchange: try memory.shortText(exchange.name), type: try memory.shortText(exchange.kind.rawValue), passive: 0,
                    durable: exchange.isDurable ? 1 : 0, auto_delete: 0, internal: 0, nowait: 0, arguments: try memory.table(exchange.arguments))
                try transport.send(amqp_method_number_t(AMQP_EXCHANGE_DECLARE_METHOD), method, channel: channel)
            case .deleteExchange(let name):
                let method = amqp_exchange_delete_t(ticket: 0, exchange: try memory.shortText(name), if_unused: 0, nowait: 0)
                try transport.send(amqp_method_number_t(AMQP_EXCHANGE_DELETE_METHOD), method, channel: channel)
            case .bind(let binding):
                let method = amqp_queue_bind_t(
                    ticket: 0, queue: try memory.shortText(binding.queue), exchange: try memory.shortText(binding.exchange),
                    routing_key: try memory.shortText(binding.routingKey), nowait: 0, arguments: amqp_empty_table)
                try transport.send(amqp_method_number_t(AMQP_QUEUE_BIND_METHOD), method, channel: channel)
            case .selectConfirms: try transport.send(amqp_method_number_t(AMQP_CONFIRM_SELECT_METHOD), amqp_confirm_select_t(nowait: 0), channel: channel)
            case .setPrefetch(let count):
                try transport.send(amqp_method_number_t(AMQP_BASIC_QOS_METHOD), amqp_basic_qos_t(prefetch_size: 0, prefetch_count: count, global: 0), channel: channel)
            case .consume(let queue):
                // The broker makes up the consumer's tag; the channel identifies it.
                let method = amqp_basic_consume_t(
                    ticket: 0, queue: try memory.shortText(queue), consumer_tag: amqp_empty_bytes, no_local: 0, no_ack: 0, exclusive: 0, nowait: 0, arguments: amqp_empty_table)
                try transport.send(amqp_method_number_t(AMQP_BASIC_CONSUME_METHOD), method, channel: channel)
            }
        }
    }
}
