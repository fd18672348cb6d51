import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// Connections to servers, kept open between requests, all on one thread.
final class HTTPTransport: Sendable {
    let group: MultiThreadedEventLoopGroup
    let loop: any EventLoop
    private let client: HTTPClient
    private let round: WatchdogRound

    init(_ options: ChatClientOptions) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        round = WatchdogRound(on: loop)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(options.connectTimeout)
        configuration.connectionPool.idleTimeout = TimeAmount(options.idleConnectionLifetime)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.maximumConnections
        // Attempts are repeated by rules of ours, with the endpoint's breaker told of each.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Spans that nobody collects cost as much as the answer's JSON.
        configuration.tracing.tracer = nil
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    func shutdown() async throws {
        try await client.shutdown()
        try await group.shutdownGracefully()
    }

    /// Sends a request and has its answer read. Cancellation, and either limit, closes the connection.
    ///
    /// - Parameters:
    ///   - limit: for the whole exchange.
    ///   - stall: longest wait after a piece of the answer for the next one; nil where only the whole is limited.
    ///   - name: the endpoint's, for errors.
    func exchange<Value: Sendable>(
        _ request: HTTPClientRequest, limit: Duration, stall: Duration?, name: String,
        reading read: @escaping @Sendable (HTTPClientResponse, Watchdog) async throws -> Value
    ) async throws(ChatError) -> Value {
        let watchdog = Watchdog(limit: limit, stall: stall)
        let client = client
        let work = Task { () async -> Result<Value, any Error> in
            do {
                let response = try await client.execute(request, deadline: .distantFuture)
                let value = try await read(response, watchdog)
                // The end of a body that was cancelled looks like its end.
                try Task.checkCancellation()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        watchdog.start { work.cancel() }
        round.add(watchdog)
        defer {
            watchdog.stop()
            round.remove(watchdog)
        }
        let result = await withTaskCancellationHandler { await work.value } onCancel: { work.cancel() }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw .exchange(error, verdict: watchdog.verdict, name: name)
        }
    }
}

extension HTTPClientResponse {
    /// The body up to `limit` bytes.
    ///
    /// - Returns: nil where it is longer.
    func read(upTo limit: Int, _ watchdog: Watchdog) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await piece in body {
            watchdog.progress()
            guard bytes.count + piece.readableBytes <= limit else { return nil }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }

    /// The beginning of a body that says what went wrong.
    func readMessage(_ watchdog: Watchdog) async throws -> ServerMessage {
        var bytes: [UInt8] = []
        for try await piece in body {
            watchdog.progress()
            bytes.append(contentsOf: piece.readableBytesView.prefix(64 << 10))
            if bytes.count >= 64 << 10 { break }
        }
        return ServerMessage(body: bytes)
    }
}

extension ChatError {
    /// What ended an exchange without an answer.
    static func exchange(_ error: any Error, verdict: Watchdog.Verdict?, name: String) -> ChatError {
        switch verdict {
        case .tooLong: return ChatError(.timeout, "endpoint \(name) did not answer in time: raise the deadline, or look at the server", isRetriable: true)
        case .stalled: return ChatError(.timeout, "endpoint \(name) stopped in the middle of its answer: try again, or look at the server", isRetriable: true)
        case nil: break
        }
        if let error = error as? ChatError { return error }
        if error is CancellationError || (error as? HTTPClientError) == .cancelled {
            return ChatError(.cancelled, "the request to endpoint \(name) was given up")
        }
        return ChatError(.unreachable, "endpoint \(name) cannot be reached, or the connection broke before the answer was whole: check its address and the network",
                         cause: String(String(describing: error).prefix(300)), isRetriable: true)
    }
}
