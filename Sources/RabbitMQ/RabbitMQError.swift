/// What went wrong with a broker, and what to do about it.
///
/// The message never holds a password: endpoints are written as `host:port/vhost`.
public struct RabbitMQError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }
    }

    public var code: Code
    /// Names the thing, the cause, and what to do.
    public var message: String
    /// What lay beneath, in the broker's or the library's own words.
    public var cause: String?
    /// Whether the same call may succeed later without anybody changing anything.
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: String? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isRetriable = isRetriable
    }

    public var description: String {
        cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))"
    }
}

extension RabbitMQError.Code {
    /// The AMQP URL cannot be read.
    public static let invalidURL = Self(rawValue: "rabbitmq.invalid_url")
    /// The host's name has no address.
    public static let cannotResolve = Self(rawValue: "rabbitmq.cannot_resolve")
    /// Nothing accepts connections there: refused or unreachable.
    public static let cannotConnect = Self(rawValue: "rabbitmq.cannot_connect")
    /// No answer to the connection attempt or to the login within the connect timeout.
    public static let connectTimeout = Self(rawValue: "rabbitmq.connect_timeout")
    /// The TLS handshake or the check of the certificate failed.
    public static let tlsFailure = Self(rawValue: "rabbitmq.tls_failure")
    /// Wrong user or password, or no permission (403).
    public static let accessRefused = Self(rawValue: "rabbitmq.access_refused")
    /// The virtual host does not exist, or the user may not enter it (530).
    public static let vhostNotAllowed = Self(rawValue: "rabbitmq.vhost_not_allowed")
    /// The queue or exchange does not exist (404).
    public static let notFound = Self(rawValue: "rabbitmq.not_found")
    /// The queue or exchange exists with other settings, or a delivery was acknowledged wrongly (406).
    public static let preconditionFailed = Self(rawValue: "rabbitmq.precondition_failed")
    /// The queue is exclusive to another connection (405).
    public static let resourceLocked = Self(rawValue: "rabbitmq.resource_locked")
    /// Another refusal by the broker; the cause holds its reply code and text.
    public static let refusedByServer = Self(rawValue: "rabbitmq.refused_by_server")
    /// The connection was lost.
    public static let connectionLost = Self(rawValue: "rabbitmq.connection_lost")
    /// Not connected at the moment; a reconnection is under way.
    public static let notConnected = Self(rawValue: "rabbitmq.not_connected")
    /// The broker did not answer a call in time.
    public static let callTimeout = Self(rawValue: "rabbitmq.call_timeout")
    /// A value cannot be sent over AMQP, such as a name of more than 255 bytes.
    public static let invalidArgument = Self(rawValue: "rabbitmq.invalid_argument")
    /// The broker sent something that AMQP 0-9-1 does not allow.
    public static let protocolViolation = Self(rawValue: "rabbitmq.protocol_violation")
    /// `close()` was called.
    public static let closed = Self(rawValue: "rabbitmq.closed")
    /// The operating system gave no thread, descriptor or memory.
    public static let systemResource = Self(rawValue: "rabbitmq.system_resource")
}

extension RabbitMQError {
    static let closed = RabbitMQError(.closed, "the RabbitMQ connection was closed by this program; open a new one")

    /// A reply code and text of the broker (AMQP 0-9-1 §1.2) as an error about `subject`.
    package static func fromServer(code: UInt16, text: String, subject: String) -> RabbitMQError {
        let cause = "\(code) \(text)"
        switch code {
        case 403: return RabbitMQError(.accessRefused, "RabbitMQ refused access to \(subject); check the user, the password and its permissions", cause: cause)
        case 404: return RabbitMQError(.notFound, "\(subject) does not exist; declare it first", cause: cause)
        case 405: return RabbitMQError(.resourceLocked, "\(subject) is locked by another connection; close that one first", cause: cause, isRetriable: true)
        case 406: return RabbitMQError(.preconditionFailed, "\(subject) exists with other settings or was used wrongly; delete it or use the same settings", cause: cause)
        case 530: return RabbitMQError(.vhostNotAllowed, "RabbitMQ does not let this user into the virtual host of \(subject); create the vhost or grant permissions (rabbitmqctl set_permissions)", cause: cause)
        case 320: return RabbitMQError(.connectionLost, "RabbitMQ closed the connection of \(subject); it is opened again", cause: cause, isRetriable: true)
        case 311, 506, 541: return RabbitMQError(.refusedByServer, "RabbitMQ could not serve \(subject); look in its log", cause: cause, isRetriable: true)
        default: return RabbitMQError(.refusedByServer, "RabbitMQ refused \(subject); look in its log", cause: cause)
        }
    }
}
