/// Why a private server could not be started, stopped or reached. The message names the thing, the cause, and what to do.
public struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }

        /// A program that is needed is not on this machine.
        public static let notInstalled: Self = "services.not_installed"
        /// A path cannot be entered, read or written by the user who must.
        public static let permission: Self = "services.permission"
        /// The file system of the data directory is full, or nearly.
        public static let diskFull: Self = "services.disk_full"
        /// Somebody else took a port between the choice and its use.
        public static let portTaken: Self = "services.port_taken"
        /// A server ended while it was starting.
        public static let startFailed: Self = "services.start_failed"
        /// A server runs, and no login worked before the deadline.
        public static let notReady: Self = "services.not_ready"
        /// Another `up` or `down` holds the data directory.
        public static let locked: Self = "services.locked"
        /// A server survived every signal.
        public static let stopFailed: Self = "services.stop_failed"
        /// The data directory holds something that does not fit together.
        public static let corrupt: Self = "services.corrupt"
        /// The machine's own settings are in the way, such as a missing `localhost`.
        public static let configuration: Self = "services.configuration"
    }

    public var code: Code
    public var message: String
    /// What lay beneath, in its own words: an error's text or the server's last log lines. Never a secret.
    public var cause: String?
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: String? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause.flatMap { $0.isEmpty ? nil : $0 }
        self.isRetriable = isRetriable
    }

    public var description: String {
        guard let cause else { return "\(message) (\(code))" }
        return cause.contains("\n") ? "\(message) (\(code))\n\(cause)" : "\(message) (\(code): \(cause))"
    }
}
