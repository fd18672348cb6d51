/// Where a broker is and how to log in, usually read from an AMQP URL.
public struct ConnectionConfiguration: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How a TLS connection is checked.
    public struct TLS: Hashable, Sendable {
        /// PEM file of the authorities to trust.
        public var authorityFile: String
        /// PEM files of this client's certificate and key, where the broker asks for one.
        public var certificateFile: String?
        public var keyFile: String?
        /// Whether the broker's certificate and its host name are checked.
        public var verifiesPeer: Bool

        /// Debian's bundle of public authorities (package `ca-certificates`).
        public static let systemAuthorityFile = "/etc/ssl/certs/ca-certificates.crt"

        public init(authorityFile: String = TLS.systemAuthorityFile, certificateFile: String? = nil, keyFile: String? = nil, verifiesPeer: Bool = true) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.verifiesPeer = verifiesPeer
        }
    }

    public var host: String
    public var port: UInt16
    public var virtualHost: String
    public var user: String
    /// Never part of a description or an error.
    public var password: String
    /// Nil for plain TCP.
    public var tls: TLS?
    /// The interval proposed to the broker; the lower of both wins. Whole seconds; zero turns heartbeats off.
    public var heartbeat: Duration
    /// Limit for name resolution excluded: TCP, TLS and login each.
    public var connectTimeout: Duration
    /// Limit for one answer of the broker, such as to a declaration.
    public var callTimeout: Duration
    /// The name shown in the broker's list of connections.
    public var clientName: String
    /// Larger messages are refused on arrival, so that a hostile body cannot exhaust memory.
    public var maximumBodyBytes: Int

    public init(
        host: String, port: UInt16 = 5672, virtualHost: String = "/", user: String = "guest", password: String = "guest", tls: TLS? = nil,
        heartbeat: Duration = .seconds(30), connectTimeout: Duration = .seconds(10), callTimeout: Duration = .seconds(20),
        clientName: String = "mvfleet", maximumBodyBytes: Int = 16 << 20
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.callTimeout = callTimeout
        self.clientName = clientName
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// `host:port/vhost`, without credentials.
    public var endpoint: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(name):\(port)\(virtualHost.hasPrefix("/") ? virtualHost : "/" + virtualHost)"
    }

    public var description: String { "\(tls == nil ? "amqp" : "amqps")://\(user):***@\(endpoint)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
