import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What all attempts of a request have in common.
struct AttemptContext: Sendable {
    let request: any CompletionRequesting
    /// For the gate.
    let tokens: Int
    let idempotencyKey: String
    let onPiece: (@Sendable (AnswerPiece) -> Void)?
}

extension ChatClient {
    /// One attempt: let pass by the gate, sent, read, and told of to gate and breaker whatever came of it.
    func attempt(_ context: AttemptContext, at state: EndpointState, _ permit: CircuitBreaker.Permit, remaining: Duration) async -> Result<ChatAnswer, ChatError> {
        guard let gate else {
            let (result, _) = await sent(context, at: state, remaining: remaining)
            state.ended(permit, result.outcome, now: now())
            return result
        }
        let attempt = Attempt(endpoint: state.endpoint.name, keyID: state.keyID, model: context.request.model, tokens: context.tokens)
        let asked = now()
        do {
            try await gate.admit(attempt)
        } catch {
            state.ended(permit, .neutral, now: now())
            return .failure(error as? ChatError ?? .gate(error, endpoint: state.endpoint.name))
        }
        let (result, headers) = await sent(context, at: state, remaining: remaining - (now() - asked))
        state.ended(permit, result.outcome, now: now())
        await gate.ended(attempt, result.report(headers))
        return result
    }

    private func sent(_ context: AttemptContext, at state: EndpointState, remaining: Duration) async -> (Result<ChatAnswer, ChatError>, ServerHeaders) {
        let endpoint = state.endpoint, model = context.request.model, options = options, onPiece = context.onPiece
        guard remaining > .zero else {
            return (.failure(ChatError(.timeout, "the request to endpoint \(endpoint.name) had no time left to be sent: raise its deadline")), ServerHeaders())
        }
        do {
            let request = try httpRequest(context, at: state)
            let reply = try await transport.exchange(request, limit: min(remaining, options.attemptLimit), stall: options.stallLimit, name: endpoint.name) { response, watchdog in
                let headers = ServerHeaders(response.headers, now: options.wallClock())
                do throws(ChatError) {
                    return (.success(try await Self.read(response, watchdog, endpoint: endpoint, model: model, headers: headers, options: options, onPiece: onPiece)), headers)
                } catch {
                    return (.failure(watchdog.verdict == nil ? error : .exchange(error, verdict: watchdog.verdict, name: endpoint.name)), headers)
                }
            } as (Result<ChatAnswer, ChatError>, ServerHeaders)
            return reply
        } catch {
            return (.failure(error), ServerHeaders())
        }
    }

    private func httpRequest(_ context: AttemptContext, at state: EndpointState) throws(ChatError) -> HTTPClientRequest {
        let body = try context.request.body(for: state.endpoint, streaming: context.onPiece != nil)
        var request = HTTPClientRequest(url: state.address + type(of: context.request).path)
        request.method = .POST
        request.headers = state.headers
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "idempotency-key", value: context.idempotencyKey)
        request.body = if let single = body.single { .bytes(single) } else { .stream(body, length: .known(Int64(body.byteCount))) }
        return request
    }

    private static func read(_ response: HTTPClientResponse, _ watchdog: Watchdog, endpoint: Endpoint, model: String, headers: ServerHeaders,
                             options: ChatClientOptions, onPiece: (@Sendable (AnswerPiece) -> Void)?) async throws(ChatError) -> ChatAnswer {
        do {
            guard response.status == .ok else {
                throw ChatError.answered(Int(response.status.code), try await response.readMessage(watchdog), headers: headers, endpoint: endpoint, model: model)
            }
            // A server that cannot stream answers with a whole completion.
            if let onPiece, response.headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true {
                return try await readStream(response, watchdog, endpoint: endpoint, model: model, options: options, onPiece: onPiece)
            }
            guard let body = try await response.read(upTo: options.maximumAnswerBytes, watchdog) else {
                throw ChatError.malformed(endpoint, "sends more than \(options.maximumAnswerBytes) bytes for one answer")
            }
            let answer = try ChatAnswer.read(body, endpoint: endpoint, model: model, maximumWhiteSpace: options.maximumWhiteSpace)
            onPiece?(AnswerPiece(text: answer.text))
            return answer
        } catch {
            throw error as? ChatError ?? .exchange(error, verdict: watchdog.verdict, name: endpoint.name)
        }
    }

    private static func readStream(_ response: HTTPClientResponse, _ watchdog: Watchdog, endpoint: Endpoint, model: String, options: ChatClientOptions,
                                   onPiece: @Sendable (AnswerPiece) -> Void) async throws -> ChatAnswer {
        var assembly = AnswerAssembly(endpoint: endpoint, model: model, maximumBytes: options.maximumAnswerBytes, maximumWhiteSpace: options.maximumWhiteSpace)
        for try await piece in response.body {
            watchdog.progress()
            let new = try piece.withUnsafeReadableBytes { try assembly.receive($0) }
            if !new.isEmpty { onPiece(new) }
        }
        try Task.checkCancellation()
        return try assembly.finish()
    }
}

extension Result<ChatAnswer, ChatError> {
    /// What the attempt tells of the endpoint.
    fileprivate var outcome: CircuitBreaker.Outcome {
        switch self {
        case .success: .succeeded
        case .failure(let error): error.isEndpointsFailure ? .failed : .neutral
        }
    }

    fileprivate func report(_ headers: ServerHeaders) -> AttemptReport {
        switch self {
        case .success(let answer): AttemptReport(status: 200, limits: headers.limits, usage: answer.usage, retryAfter: headers.retryAfter)
        case .failure(let error): AttemptReport(status: error.status, limits: headers.limits, usage: error.usage, retryAfter: error.retryAfter)
        }
    }
}

extension ChatError {
    /// Whether it tells that the endpoint does not work, as far as one request can tell.
    var isEndpointsFailure: Bool { [.unreachable, .timeout, .serverError, .malformedAnswer].contains(code) }

    fileprivate static func gate(_ error: any Error, endpoint: String) -> ChatError {
        error is CancellationError
            ? ChatError(.cancelled, "the request to endpoint \(endpoint) was given up while it waited for its turn")
            : ChatError(.unreachable, "the request to endpoint \(endpoint) was not let pass: see the cause", cause: String(describing: error), isRetriable: true)
    }
}
