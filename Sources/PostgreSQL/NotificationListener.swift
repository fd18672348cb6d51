import Logging

/// A message sent with NOTIFY.
public struct Notification: Hashable, Sendable {
    public var channel: String
    public var payload: String
    /// The server process that sent it.
    public var processID: Int32
}

/// Hears NOTIFY on a connection of its own, and makes a new one when that is lost.
///
/// For one consumer: a second `next` while one waits is refused. A notification is a hint: after `.connected` some may have been missed, so look at the tables.
public actor NotificationListener {
    public enum Event: Hashable, Sendable {
        /// Listening, for the first time or again.
        case connected
        case notification(Notification)
        /// Nothing came within the time given.
        case timeout
    }

    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let logger: Logger?
    private let random: @Sendable () -> Double
    private var backend: Backend?
    private var pending: [Notification] = []
    private var isWaiting = false
    private var isClosed = false

    /// - Parameter channels: names as they stand in `pg_notify`; nothing is folded to lower case.
    public init(
        _ configuration: ConnectionConfiguration, channels: [String], logger: Logger? = nil,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
        self.random = random
    }

    /// The next event. Reconnects for as long as it takes, with growing pauses, within `timeout`.
    ///
    /// - Parameter timeout: nil to wait without limit.
    /// - Throws: connection errors that trying again does not cure, `closed`, `CancellationError`.
    public func next(timeout: Duration? = nil) async throws -> Event {
        guard !isWaiting else { throw PostgreSQLError(.misuse, "the listener serves one consumer at a time") }
        isWaiting = true
        defer { isWaiting = false }
        let limit = timeout.map { ContinuousClock.now + $0 }
        if let next = takePending() { return next }
        var attempt = 0
        while true {
            try Task.checkCancellation()
            guard !isClosed else { throw Backend.closedError(configuration.description) }
            do {
                guard let backend else {
                    try await connect()
                    return .connected
                }
                pending = try await backend.hear(until: limit)
                return takePending() ?? .timeout
            } catch let error as PostgreSQLError where error.isRetriable && !isClosed {
                await drop()
                attempt += 1
                logger?.warning("database listener lost its connection", metadata: ["error": "\(error)", "attempt": "\(attempt)"])
                let delay = Backoff(initial: .milliseconds(50), maximum: .seconds(5)).delay(attempt: attempt, random: random())
                if let limit, .now + delay >= limit {
                    // No attempt would be made before the limit.
                    try await Task.sleep(until: limit, clock: .continuous)
                    return .timeout
                }
                // The server is away: less and less often.
                try await Task.sleep(for: delay)
            }
        }
    }

    /// Ends a waiting `next` with `closed`.
    public func close() async {
        isClosed = true
        backend?.interrupt()
        await drop()
    }

    private func connect() async throws {
        let backend = try await Backend.open(configuration)
        let access = await backend.beginLease()
        let listen = channels.map { "LISTEN \(SQLText.identifier($0))" }.joined(separator: "; ")
        try await SessionChannel(backend: backend, access: access).perform { try await $0.runScript(listen, timeout: .seconds(30), $1, $2) }
        guard !isClosed else {
            await backend.close()
            throw Backend.closedError(configuration.description)
        }
        self.backend = backend
    }

    private func drop() async {
        let dropped = backend
        backend = nil
        await dropped?.close()
    }

    private func takePending() -> Event? { pending.isEmpty ? nil : .notification(pending.removeFirst()) }
}

extension NotificationListener: AsyncSequence {
    public struct AsyncIterator: AsyncIteratorProtocol {
        let listener: NotificationListener
        /// Never `timeout`.
        public mutating func next() async throws -> Event? { try await listener.next() }
    }

    public nonisolated func makeAsyncIterator() -> AsyncIterator { AsyncIterator(listener: self) }
}

extension Backend {
    /// The notifications that have come; waits for at least one, none at the limit.
    func hear(until limit: ContinuousClock.Instant?) async throws -> [Notification] {
        let token = CancellationToken(wake)
        return try await withTaskCancellationHandler {
            try waitForNotifications(until: limit, token)
        } onCancel: {
            token.cancel()
        }
    }
}
