import CRabbitMQ
import Glibc

/// One connection of librabbitmq, logged in.
///
/// `@unchecked Sendable` to be handed over once: a library connection may be used by one thread at a time. The thread that
/// opened it gives it up when it passes it on; from then on only the owner's loop touches it. Nothing here blocks except the
/// opening: reads poll with a zero timeout, and writes follow ``hasRoom(forBytes:)``.
final class Transport: @unchecked Sendable {
    /// Owned; destroyed by `deinit`, which also closes the socket.
    private let state: amqp_connection_state_t
    let socket: Int32
    let serverVersion: String?
    let channelLimit: UInt16
    private let endpoint: String
    private var roomLeft = 0

    /// A socket that polls as writable has a third of its buffer free, at least this much.
    private static let roomWhenWritable = 16 << 10

    /// - Parameter state: logged in; ownership passes to the new object.
    init(state: amqp_connection_state_t, configuration: ConnectionConfiguration, serverVersion: String?) {
        self.state = state
        self.serverVersion = serverVersion
        endpoint = configuration.endpoint
        socket = amqp_get_sockfd(state)
        let limit = amqp_get_channel_max(state)
        channelLimit = limit > 0 ? UInt16(clamping: limit) : .max
    }

    deinit { amqp_destroy_connection(state) }

    // MARK: Writing

    /// Whether that much can be written without waiting for the broker to read. A message larger than the socket's free room
    /// is written anyway, as it could never be sent otherwise.
    func hasRoom(forBytes bytes: Int) -> Bool {
        if roomLeft < bytes {
            var watched = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            guard poll(&watched, 1, 0) == 1 else { return false }
            roomLeft = max(Self.roomWhenWritable, bytes)
        }
        roomLeft -= bytes
        return true
    }

    /// Gathers small frames into full packets until it is turned off.
    func cork(_ isOn: Bool) {
        var value: Int32 = isOn ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    func publish(_ message: Message, tag: UInt64, channel: UInt16) throws(RabbitMQError) {
        var properties = amqp_basic_properties_t()
        properties._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG)
        properties.delivery_mode = message.isPersistent ? 2 : 1
        // Invariant of all the pointers below: they live within their closure, and the library copies what they name.
        let status = Self.withBytes(String(tag)) { correlationID in
            properties.correlation_id = correlationID
            return Self.withBytes(message.contentType ?? "") { contentType in
                if message.contentType != nil {
                    properties.content_type = contentType
                    properties._flags |= amqp_flags_t(AMQP_BASIC_CONTENT_TYPE_FLAG)
                }
                return Self.withBytes(message.messageID ?? "") { messageID in
                    if message.messageID != nil {
                        properties.message_id = messageID
                        properties._flags |= amqp_flags_t(AMQP_BASIC_MESSAGE_ID_FLAG)
                    }
                    return Self.withBytes(message.exchange) { exchange in
                        Self.withBytes(message.routingKey) { routingKey in
                            message.body.withUnsafeBytes { body in
                                let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
                                return amqp_basic_publish(state, channel, exchange, routingKey, message.isMandatory ? 1 : 0, 0, &properties, bytes)
                            }
                        }
                    }
                }
            }
        }
        try check(status)
    }

    private static func withBytes(_ text: String, _ body: (amqp_bytes_t) -> Int32) -> Int32 {
        var text = text
        return text.withUTF8 { body(amqp_bytes_t(len: $0.count, bytes: UnsafeMutableRawPointer(mutating: $0.baseAddress))) }
    }

    func send(_ action: AcknowledgementTracker.Action, channel: UInt16) throws(RabbitMQError) {
        switch action {
        case .acknowledge(let tag, let multiple): try check(amqp_basic_ack(state, channel, tag, multiple ? 1 : 0))
        case .reject(let tag, let requeue): try check(amqp_basic_reject(state, channel, tag, requeue ? 1 : 0))
        }
    }

    /// Serialises a method at once; its arguments need to live no longer than the call.
    func send<Arguments>(_ id: amqp_method_number_t, _ arguments: Arguments, channel: UInt16) throws(RabbitMQError) {
        var arguments = arguments
        try check(withUnsafeMutablePointer(to: &arguments) { amqp_send_method(state, channel, id, $0) })
    }

    // MARK: Reading

    /// The next frame, or nil when none is there. Serves heartbeats.
    func nextFrame() throws(RabbitMQError) -> InboundFrame? {
        var frame = amqp_frame_t()
        var now = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &now)
        guard status != AMQP_STATUS_TIMEOUT.rawValue else { return nil }
        try check(status)
        // Everything was copied when this returns, and the library checks that no part of a frame is left in the pool.
        defer { amqp_maybe_release_buffers_on_channel(state, frame.channel) }
        return InboundFrame(frame)
    }

    /// Ends both directions of the socket, as a lost network would.
    func sever() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func check(_ status: Int32) throws(RabbitMQError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw RabbitMQError(.connectionLost, "the connection to RabbitMQ at \(endpoint) was lost; it is opened again", cause: String(cString: amqp_error_string2(status)), isRetriable: true)
    }
}
