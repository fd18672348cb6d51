/// A frame from the broker, copied out of the library's memory.
enum InboundFrame {
    case deliver(channel: UInt16, tag: UInt64, isRedelivered: Bool)
    case returned(channel: UInt16, code: UInt16, text: String)
    case header(channel: UInt16, bodySize: UInt64, correlationID: String)
    case body(channel: UInt16, [UInt8])
    case confirmed(channel: UInt16, tag: UInt64, multiple: Bool)
    case refused(channel: UInt16, tag: UInt64, multiple: Bool)
    case consumerCancelled(channel: UInt16)
    case reply(channel: UInt16, Reply)
    case channelClosed(channel: UInt16, code: UInt16, text: String)
    case connectionClosed(code: UInt16, text: String)
    case connectionCloseOK
    case blocked(String)
    case unblocked
    /// Heartbeats, and methods that need no answer.
    case ignored

    /// The broker's answer to a method of ours.
    enum Reply {
        case queueStatus(QueueStatus)
        case messageCount(Int)
        case done
    }
}
