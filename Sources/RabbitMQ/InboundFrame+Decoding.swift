import CRabbitMQ

extension InboundFrame {
    /// Copies a frame. Invariant: `decoded` of a method frame points to the structure that belongs to the method's id, and is
    /// valid until the channel's buffers are released, which the caller does afterwards.
    init(_ frame: amqp_frame_t) {
        let channel = frame.channel
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: self = .method(frame.payload.method, channel)
        case AMQP_FRAME_HEADER:
            var correlationID = ""
            if frame.payload.properties.class_id == 60, let decoded = frame.payload.properties.decoded {
                let properties = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self)
                if properties.pointee._flags & amqp_flags_t(AMQP_BASIC_CORRELATION_ID_FLAG) != 0 { correlationID = properties.pointee.correlation_id.copiedText }
            }
            self = .header(channel: channel, bodySize: frame.payload.properties.body_size, correlationID: correlationID)
        case AMQP_FRAME_BODY: self = .body(channel: channel, frame.payload.body_fragment.copiedBytes)
        default: self = .ignored
        }
    }

    private static func method(_ method: amqp_method_t, _ channel: UInt16) -> InboundFrame {
        guard let decoded = method.decoded else { return .ignored }
        func arguments<Arguments>(_: Arguments.Type) -> Arguments { decoded.assumingMemoryBound(to: Arguments.self).pointee }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = arguments(amqp_basic_deliver_t.self)
            return .deliver(channel: channel, tag: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0)
        case AMQP_BASIC_ACK_METHOD:
            let ack = arguments(amqp_basic_ack_t.self)
            return .confirmed(channel: channel, tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = arguments(amqp_basic_nack_t.self)
            return .refused(channel: channel, tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let returned = arguments(amqp_basic_return_t.self)
            return .returned(channel: channel, code: returned.reply_code, text: returned.reply_text.copiedText)
        case AMQP_BASIC_CANCEL_METHOD: return .consumerCancelled(channel: channel)
        case AMQP_CONNECTION_BLOCKED_METHOD: return .blocked(arguments(amqp_connection_blocked_t.self).reason.copiedText)
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = arguments(amqp_channel_close_t.self)
            return .channelClosed(channel: channel, code: close.reply_code, text: close.reply_text.copiedText)
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = arguments(amqp_connection_close_t.self)
            return .connectionClosed(code: close.reply_code, text: close.reply_text.copiedText)
        case AMQP_CONNECTION_CLOSE_OK_METHOD: return .connectionCloseOK
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let status = arguments(amqp_queue_declare_ok_t.self)
            return .reply(channel: channel, .queueStatus(QueueStatus(ready: Int(status.message_count), consumers: Int(status.consumer_count))))
        case AMQP_QUEUE_PURGE_OK_METHOD: return .reply(channel: channel, .messageCount(Int(arguments(amqp_queue_purge_ok_t.self).message_count)))
        case AMQP_QUEUE_DELETE_OK_METHOD: return .reply(channel: channel, .messageCount(Int(arguments(amqp_queue_delete_ok_t.self).message_count)))
        case AMQP_CHANNEL_OPEN_OK_METHOD, AMQP_CHANNEL_CLOSE_OK_METHOD, AMQP_EXCHANGE_DECLARE_OK_METHOD, AMQP_EXCHANGE_DELETE_OK_METHOD,
             AMQP_QUEUE_BIND_OK_METHOD, AMQP_BASIC_QOS_OK_METHOD, AMQP_BASIC_CONSUME_OK_METHOD, AMQP_CONFIRM_SELECT_OK_METHOD:
            return .reply(channel: channel, .done)
        default: return .ignored
        }
    }
}
