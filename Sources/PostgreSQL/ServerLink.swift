import CPostgres
import Glibc
import Logging

/// One libpq connection in non-blocking mode, waited for in `poll` so that deadlines and cancellation reach it.
///
/// Not Sendable: confined to the thread of the `Backend` that owns it. Results are freed where they are read.
final class ServerLink {
    /// Owned; freed once, in `deinit`.
    let handle: OpaquePointer
    let wake: WakeSignal
    let server: String
    private var cancelRequest: CancelRequest?
    var isBroken = false

    private init(handle: OpaquePointer, wake: WakeSignal, server: String) {
        self.handle = handle
        self.wake = wake
        self.server = server
    }

    deinit { PQfinish(handle) }

    /// Connects, over all hosts that the configuration names.
    static func connect(_ configuration: ConnectionConfiguration, wake: WakeSignal, token: CancellationToken) throws -> ServerLink {
        guard let handle = start(configuration.keywords) else {
            throw PostgreSQLError(.resources, "no memory for a database connection", isRetriable: true)
        }
        let link = ServerLink(handle: handle, wake: wake, server: configuration.description)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Verbose reports carry the SQLSTATE, whatever the server's language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try link.finishConnecting(configuration, token)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0 else { throw link.lost() }
        return link
    }

    private static func start(_ keywords: [ConnectionConfiguration.Keyword]) -> OpaquePointer? {
        // The C strings live until libpq has copied them, which it does within the call; both arrays end with a null pointer.
        let names = keywords.map { strdup($0.name) }
        let values = keywords.map { strdup($0.value) }
        defer { (names + values).forEach { free($0) } }
        let namePointers = names.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(namePointers, valuePointers, 0)
    }

    private func finishConnecting(_ configuration: ConnectionConfiguration, _ token: CancellationToken) throws {
        guard PQstatus(handle) != CONNECTION_BAD else { throw PostgreSQLError.connecting(to: server, report: message()) }
        var watch = StatementWatch(deadline: .now + configuration.connectTimeout)
        var events = Int16(POLLOUT)
        while true {
            switch watch.next(now: .now, isCancelled: token.isCancelled, isClosing: wake.isClosing) {
            case .wait(let limit): guard try poll(for: events, until: limit) else { continue }
            case .requestCancel, .abandon:
                switch watch.reason {
                case .cancelled: throw CancellationError()
                case .closing: throw Backend.closedError(server)
                default: throw PostgreSQLError(.connectTimeout, "\(server) did not answer within \(configuration.connectTimeout): check address and firewall", isRetriable: true)
                }
            }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: throw PostgreSQLError.connecting(to: server, report: message())
            }
        }
    }
}

// MARK: waiting

extension ServerLink {
    /// - Returns: whether the socket is ready; false when woken or past the limit.
    func poll(for events: Int16, until limit: ContinuousClock.Instant?) throws -> Bool {
        var milliseconds: Int32 = -1
        if let limit {
            let left = limit - .now
            let (seconds, attoseconds) = left.components
            milliseconds = seconds < 0 ? 0 : Int32(min(seconds, 86_400)) * 1000 + Int32(attoseconds / 1_000_000_000_000_000) + 1
        }
        var descriptors = [
            pollfd(fd: PQsocket(handle), events: events, revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard descriptors[0].fd >= 0 else { throw lost() }
        let ready = Glibc.poll(&descriptors, 2, milliseconds)
        guard ready > 0 else {
            if ready < 0, errno != EINTR { throw lost() }
            return false
        }
        if descriptors[1].revents != 0 { wake.clear() }
        return descriptors[0].revents != 0
    }

    /// Waits until a cancel request of an earlier statement can no longer hit the next one.
    func settleCancelRequest() throws {
        guard let request = cancelRequest else { return }
        let limit = ContinuousClock.now + StatementWatch.grace
        while !request.isFinished {
            guard ContinuousClock.now < limit else {
                isBroken = true
                throw lost()
            }
            // Socket events are of no interest here, but hang-ups are always reported: then the connection is lost anyway.
            if try poll(for: 0, until: limit) { throw lost() }
        }
        cancelRequest = nil
    }

    /// Sends what is buffered.
    func flush(_ watch: inout StatementWatch, _ token: CancellationToken?) throws {
        while true {
            let left = PQflush(handle)
            if left == 0 { return }
            guard left > 0 else { throw lost() }
            if try step(for: Int16(POLLIN | POLLOUT), &watch, token), PQconsumeInput(handle) == 0 { throw lost() }
        }
    }

    /// The next result of the running statement, nil after the last. The caller frees it.
    func nextResult(_ watch: inout StatementWatch, _ token: CancellationToken?) throws -> OpaquePointer? {
        while PQisBusy(handle) != 0 {
            if try step(for: Int16(POLLIN), &watch, token), PQconsumeInput(handle) == 0 { throw lost() }
        }
        return PQgetResult(handle)
    }

    private func step(for events: Int16, _ watch: inout StatementWatch, _ token: CancellationToken?) throws -> Bool {
        switch watch.next(now: .now, isCancelled: token?.isCancelled ?? false, isClosing: wake.isClosing) {
        case .wait(let limit):
            return try poll(for: events, until: limit)
        case .requestCancel:
            cancelRequest = CancelRequest.send(for: handle, wake: wake)
            return false
        case .abandon(let reason):
            isBroken = true
            throw interruption(reason)
        }
    }

    /// Reads what has come without waiting.
    /// - Returns: whether the connection still stands.
    func isAlive() -> Bool {
        guard !isBroken, PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else { return false }
        // An idle server that speaks is saying goodbye.
        return PQisBusy(handle) == 0
    }
}

// MARK: errors

extension ServerLink {
    func message() -> String {
        guard let text = PQerrorMessage(handle) else { return "" }
        return String(cString: text)
    }

    func interruption(_ reason: StatementWatch.Reason) -> any Error {
        switch reason {
        case .cancelled: CancellationError()
        case .closing: Backend.closedError(server)
        case .deadline: PostgreSQLError(.deadline, "the statement was stopped at its deadline: allow it more time, or look for locks and missing indexes", isRetriable: true)
        }
    }

    /// The connection is of no more use; says why.
    func lost() -> PostgreSQLError {
        isBroken = true
        let text = message().split(separator: "\n").joined(separator: " ")
        return PostgreSQLError(.connectionLost, "the connection to \(server) was lost", isRetriable: true).with(state: nil, cause: text)
    }

    /// No transaction is open and nothing runs.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

    func checkStatus() {
        if PQstatus(handle) != CONNECTION_OK { isBroken = true }
    }
}
