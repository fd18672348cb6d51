/// Where the two private servers are reached, with the credentials that were generated for them.
///
/// The description and the mirror show no password, so that an endpoint in a log or a failed expectation gives nothing away.
public struct ServiceEndpoints: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// `amqp://mvfleet:…@127.0.0.1:PORT/mvfleet`, on loopback.
    public var amqpURL: String
    /// `postgresql://mvfleet:…@/mvfleet?host=DIRECTORY&port=5432`, a libpq URI of a Unix socket.
    public var databaseURL: String

    public init(amqpURL: String, databaseURL: String) {
        self.amqpURL = amqpURL
        self.databaseURL = databaseURL
    }

    public var description: String { "amqp: \(Self.withoutPassword(amqpURL)), database: \(Self.withoutPassword(databaseURL))" }
    public var customMirror: Mirror {
        Mirror(self, children: ["amqpURL": Self.withoutPassword(amqpURL), "databaseURL": Self.withoutPassword(databaseURL)])
    }

    private static func withoutPassword(_ url: String) -> String {
        guard let at = url.firstIndex(of: "@"), let colon = url[..<at].lastIndex(of: ":") else { return url }
        return url[...colon] + "***" + url[at...]
    }
}

/// Logins by which a server proves that it is ready and ours. Each either works or throws, and gives up by itself
/// within about five seconds; the caller repeats it until its own deadline.
public struct LoginProbes: Sendable {
    public var amqp: @Sendable (_ url: String) async throws -> Void
    public var database: @Sendable (_ url: String) async throws -> Void

    public init(amqp: @escaping @Sendable (_ url: String) async throws -> Void,
                database: @escaping @Sendable (_ url: String) async throws -> Void) {
        self.amqp = amqp
        self.database = database
    }
}

/// One step of starting or stopping, in words for a person.
public struct ServiceProgress: Hashable, Sendable, CustomStringConvertible {
    /// Nil: about both, or about the data directory.
    public var service: ServiceName?
    public var text: String

    public init(_ service: ServiceName?, _ text: String) {
        self.service = service
        self.text = text
    }

    public var description: String { service.map { "\($0.title): \(text)" } ?? text }
}

public enum ServiceName: String, CaseIterable, Codable, Hashable, Sendable {
    case postgresql, rabbitmq

    /// The server's own spelling of its name.
    public var title: String {
        switch self {
        case .postgresql: "PostgreSQL"
        case .rabbitmq: "RabbitMQ"
        }
    }
}
