import Logging
import NIOCore

/// Asks chat-completions servers: chooses an endpoint, repeats what may be repeated, keeps from endpoints that are down, and reads answers leniently but wholly.
///
/// Must be shut down before it is let go of.
public final class ChatClient: Sendable {
    public let endpoints: [Endpoint]
    let options: ChatClientOptions
    let states: [EndpointState]
    let transport: HTTPTransport
    let gate: (any AttemptGate)?
    let logger: Logger
    private let start = ContinuousClock.now

    /// - Throws: `llm.configuration` where an endpoint cannot be used as it is.
    public init(endpoints: [Endpoint], options: ChatClientOptions = ChatClientOptions(), gate: (any AttemptGate)? = nil,
                logger: Logger = Logger(label: "mvfleet.chat")) throws(ChatError) {
        guard Set(endpoints.map(\.name)).count == endpoints.count else {
            throw ChatError(.configuration, "two endpoints have the same name: give each its own")
        }
        var states: [EndpointState] = []
        for endpoint in endpoints { states.append(try EndpointState(endpoint, options: options)) }
        self.endpoints = endpoints
        self.options = options
        self.states = states
        self.gate = gate
        self.logger = logger
        transport = HTTPTransport(options)
    }

    public func shutdown() async {
        do { try await transport.shutdown() } catch { logger.warning("chat client did not end cleanly", metadata: ["error": "\(error)"]) }
    }

    /// Asks for one completion and waits for all of it.
    ///
    /// - Parameters:
    ///   - deadline: for all attempts and the waits between them.
    ///   - estimatedTokens: of the prompt, for the gate; estimated here where it is nil.
    ///   - onText: makes the server stream, and is given the words as they come; the next ones wait for it.
    ///   - onRestart: the words so far are void, because the attempt failed and another is made.
    /// - Throws: why there is no answer, after all repetitions; `llm.cancelled` where the task was cancelled; what the gate throws.
    public func complete(
        _ request: ChatRequest, deadline: Duration, estimatedTokens: Int? = nil,
        onText: (@Sendable (String) -> Void)? = nil, onRestart: (@Sendable () -> Void)? = nil
    ) async throws(ChatError) -> ChatAnswer {
        let onPiece = onText.map { onText in { @Sendable (piece: AnswerPiece) in if !piece.text.isEmpty { onText(piece.text) } } }
        return try await run(request, deadline: deadline, estimatedTokens: estimatedTokens, onPiece: onPiece) {
            onRestart?()
            return true
        }
    }

    /// All attempts of a request.
    ///
    /// - mayRestart: asked before an attempt after the first.
    func run(
        _ request: any CompletionRequesting, deadline: Duration, estimatedTokens: Int?, onPiece: (@Sendable (AnswerPiece) -> Void)?, mayRestart: @Sendable () -> Bool
    ) async throws(ChatError) -> ChatAnswer {
        do throws(ChatError) {
            return try await attempts(request, deadline: deadline, estimatedTokens: estimatedTokens, onPiece: onPiece, mayRestart: mayRestart)
        } catch {
            var error = error
            // Whoever was let through to see whether the servers are back knows as well as those who were not.
            if error.code == .circuitOpen || error.isEndpointsFailure { error.outage = outage(of: request.model) }
            throw error
        }
    }

    private func attempts(
        _ request: any CompletionRequesting, deadline: Duration, estimatedTokens: Int?, onPiece: (@Sendable (AnswerPiece) -> Void)?, mayRestart: @Sendable () -> Bool
    ) async throws(ChatError) -> ChatAnswer {
        var course = RequestCourse(end: now() + deadline)
        let shared = AttemptContext(request: request, tokens: gate == nil ? 0 : tokens(of: request, prompt: estimatedTokens),
                                    idempotencyKey: "mvfleet-" + request.digest.hexadecimal, onPiece: onPiece)
        while true {
            let (state, permit) = try choose(request.model, course)
            let result = await attempt(shared, at: state, permit, remaining: course.end - now())
            let error: ChatError
            switch result {
            case .success(let answer): return answer
            case .failure(let failure): error = failure
            }
            let step = course.after(error, at: state.endpoint.name, others: usable(request.model, course, except: state.endpoint.name), policy: options.retries,
                                    now: now(), chance: options.chance())
            log(error, state.endpoint, course, step)
            guard step != .end, mayRestart() else { throw error }
            if case .wait(let delay) = step { try await pause(delay, after: error) }
        }
    }

    func now() -> Duration { start.duration(to: .now) }

    /// What a server counts at once: the prompt, and the most that the answer may have.
    private func tokens(of request: any CompletionRequesting, prompt: Int?) -> Int {
        (prompt ?? request.estimatedTokens(options.tokenRules)) + request.maximumAnswerTokens
    }

    /// - Throws: `llm.configuration` where no endpoint serves the model, `llm.circuit_open` where all that do are at rest, the last error where that came in between.
    private func choose(_ model: String, _ course: RequestCourse) throws(ChatError) -> (EndpointState, CircuitBreaker.Permit) {
        var candidates = states.indices.filter { states[$0].endpoint.served(model) != nil && !course.dismissed.contains(states[$0].endpoint.name) }
            .map { EndpointChoice.Candidate(index: $0, weight: states[$0].endpoint.weight, isTried: course.tried.contains(states[$0].endpoint.name)) }
        guard !candidates.isEmpty else {
            throw course.last ?? ChatError(.configuration, "no endpoint serves \(model): name it among an endpoint's models")
        }
        var rest = Duration.seconds(3600)
        while let index = EndpointChoice.pick(candidates, chance: options.chance()) {
            switch states[index].admit(now: now()) {
            case .admitted(let permit): return (states[index], permit)
            case .refused(let wait): rest = min(rest, wait)
            }
            candidates.removeAll { $0.index == index }
        }
        throw course.last ?? ChatError(.circuitOpen, "every endpoint that serves \(model) rests after repeated failures: look at the servers; the next trial is in \(rest.components.seconds + 1) s",
                                       retryAfter: rest, isRetriable: true)
    }

    /// For how long no endpoint that serves the model has been asked as usual; nil where one is.
    private func outage(of model: String) -> Duration? {
        let now = now(), rests = states.filter { $0.endpoint.served(model) != nil }.map { $0.opened.map { now - $0 } }
        return rests.contains(nil) ? nil : rests.compactMap(\.self).min()
    }

    /// Whether another endpoint may be asked, that was not yet.
    private func usable(_ model: String, _ course: RequestCourse, except name: String) -> Bool {
        states.contains { state in
            state.endpoint.name != name && state.endpoint.served(model) != nil && !course.tried.contains(state.endpoint.name) && !course.dismissed.contains(state.endpoint.name)
        }
    }

    private func pause(_ delay: Duration, after error: ChatError) async throws(ChatError) {
        // Only a task that is cancelled is not slept to the end.
        do { try await options.sleep(delay) } catch { throw ChatError(.cancelled, "the request was given up while it waited to be repeated") }
    }

    private func log(_ error: ChatError, _ endpoint: Endpoint, _ course: RequestCourse, _ step: RequestCourse.Step) {
        guard logger.logLevel <= .debug else { return }
        logger.debug("chat attempt failed", metadata: [
            "endpoint": "\(endpoint.name)", "error.code": "\(error.code)", "error.cause": "\(error.cause ?? "")", "attempt": "\(course.attempts)", "next": "\(step)",
        ])
    }
}

extension [UInt8] {
    /// Lower-case hexadecimal.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: count * 2) { target in
            for (index, byte) in enumerated() {
                target[index * 2] = digits[Int(byte >> 4)]
                target[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return count * 2
        }
    }
}
