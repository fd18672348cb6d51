import NIOHTTP1
import Synchronization

/// An endpoint as the client uses it: its addresses and headers ready made, and its circuit breaker.
final class EndpointState: Sendable {
    let endpoint: Endpoint
    /// The base URL, without a slash at its end.
    let address: String
    let headers: HTTPHeaders
    let keyID: String
    private let breaker: Mutex<CircuitBreaker>

    /// - Throws: `llm.configuration`; names what is wrong without the key.
    init(_ endpoint: Endpoint, options: ChatClientOptions) throws(ChatError) {
        self.endpoint = endpoint
        address = try endpoint.address()
        headers = endpoint.headers(userAgent: options.userAgent)
        keyID = endpoint.key?.identifier ?? ""
        breaker = Mutex(CircuitBreaker(options.breaker))
    }

    @inline(never)
    func admit(now: Duration) -> CircuitBreaker.Admission { breaker.withLock { $0.admit(now: now) } }

    /// Since when it rests, or is only tried now and then; nil while it is asked as usual.
    @inline(never)
    var opened: Duration? { breaker.withLock { $0.opened } }

    @inline(never)
    func ended(_ permit: CircuitBreaker.Permit, _ outcome: CircuitBreaker.Outcome, now: Duration) { breaker.withLock { $0.ended(permit, outcome, now: now) } }
}
