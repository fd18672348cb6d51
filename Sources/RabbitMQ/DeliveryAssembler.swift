/// Puts the frames of one channel's content together: method, header, then as many body frames as the header's size needs
/// (AMQP 0-9-1 §4.2.6).
package struct DeliveryAssembler {
    /// The method that announced the content.
    package enum Method: Hashable, Sendable {
        case deliver(tag: UInt64, isRedelivered: Bool)
        /// The correlation id is what the publisher recognises its message by.
        case returned(code: UInt16, text: String)
    }

    package enum Content: Hashable, Sendable {
        case delivery(tag: UInt64, isRedelivered: Bool, body: [UInt8])
        case returned(code: UInt16, text: String, correlationID: String)
        /// The body is larger than the limit; it was dropped while it arrived.
        case oversized(tag: UInt64, bytes: UInt64)
    }

    package enum Action: Hashable, Sendable {
        case none
        case content(Content)
        case violation(String)
    }

    private enum State {
        case idle
        case awaitingHeader(Method)
        case awaitingBody(Method, correlationID: String, size: UInt64, received: UInt64, body: [UInt8])
    }

    private let maximumBodyBytes: Int
    private var state = State.idle

    package init(maximumBodyBytes: Int) { self.maximumBodyBytes = max(maximumBodyBytes, 0) }

    package mutating func method(_ method: Method) -> Action {
        guard case .idle = state else { return violation("a method within a message") }
        state = .awaitingHeader(method)
        return .none
    }

    package mutating func header(bodySize: UInt64, correlationID: String = "") -> Action {
        guard case .awaitingHeader(let method) = state else { return violation("a content header without a method") }
        guard bodySize > 0 else { return finish(method, correlationID, 0, []) }
        state = .awaitingBody(method, correlationID: correlationID, size: bodySize, received: 0, body: [])
        return .none
    }

    package mutating func body(_ fragment: [UInt8]) -> Action {
        guard case .awaitingBody(let method, let correlationID, let size, let received, var body) = state else {
            return violation("a body without a content header")
        }
        state = .idle
        let total = received &+ UInt64(fragment.count)
        guard total <= size else { return violation("more body than the content header announced") }
        if keepsBody(method, size) {
            if body.isEmpty { body = fragment } else { body += fragment }
        }
        guard total < size else { return finish(method, correlationID, size, body) }
        state = .awaitingBody(method, correlationID: correlationID, size: size, received: total, body: body)
        return .none
    }

    private func keepsBody(_ method: Method, _ size: UInt64) -> Bool {
        if case .deliver = method { return size <= UInt64(maximumBodyBytes) }
        return false
    }

    private mutating func finish(_ method: Method, _ correlationID: String, _ size: UInt64, _ body: [UInt8]) -> Action {
        state = .idle
        switch method {
        case .returned(let code, let text): return .content(.returned(code: code, text: text, correlationID: correlationID))
        case .deliver(let tag, let isRedelivered):
            guard size <= UInt64(maximumBodyBytes) else { return .content(.oversized(tag: tag, bytes: size)) }
            return .content(.delivery(tag: tag, isRedelivered: isRedelivered, body: body))
        }
    }

    private mutating func violation(_ what: String) -> Action {
        state = .idle
        return .violation(what)
    }
}
