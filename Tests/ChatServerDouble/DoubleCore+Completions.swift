import NIOCore

extension DoubleCore {
    func began() {
        with { state in
            state.counts.requests += 1
            state.counts.inFlight += 1
            state.counts.mostInFlight = max(state.counts.mostInFlight, state.counts.inFlight)
        }
    }

    /// - Parameter mark: nil where the client went away first.
    func ended(_ mark: CompletionMark?) {
        with { state in
            state.counts.inFlight -= 1
            guard let mark else { return state.counts.aborted += 1 }
            state.counts.statuses[mark.status, default: 0] += 1
            guard mark.isAnswer else { return }
            state.counts.answered += 1
            state.bill(mark)
            if let body = state.bodies[mark.bodyHash], !body.isAnswered {
                state.counts.uniqueAnswered += 1
                state.bodies[mark.bodyHash]?.isAnswered = true
            }
        }
    }

    func complete(_ request: DoubleRequest) -> DoubleReply {
        var hasher = Hasher()
        request.body.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        var mark = CompletionMark(status: 400, bodyHash: hash)
        guard let body = try? JSONValue(request.body.readableBytesView), body["messages"]?.items?.isEmpty == false, body["model"]?.text != nil else {
            var reply = DoubleReply.error(400, type: "invalid_request_error", code: nil, "We could not parse the JSON body of your request.")
            reply.completion = mark
            return reply
        }
        return answer(body, request, hash, embeddings: nil, &mark)
    }

    /// - embeddings: the prompt, where it is no messages.
    func answer(_ body: JSONValue, _ request: DoubleRequest, _ hash: Int, embeddings: EmbeddedPrompt?, _ mark: inout CompletionMark) -> DoubleReply {
        let (completion, settings) = with { state in
            (state.register(body, request, hash, embeddings), state.settings)
        }
        if let refusal = refuse(completion, settings) {
            mark.status = refusal.status ?? 0
            var reply = refusal
            reply.completion = mark
            return reply
        }
        let behaviour = settings.behave(completion)
        var reply = reply(to: completion, behaviour, settings, &mark)
        reply.headers += behaviour.headers
        reply.headers += with { $0.limitHeaders(completion) }
        reply.delay = behaviour.delay
        reply.completion = mark
        return reply
    }

    /// What the server's own limits say, before its behaviour is asked.
    private func refuse(_ request: CompletionRequest, _ settings: DoubleSettings) -> DoubleReply? {
        if let window = settings.contextWindow, request.promptTokens > window {
            return .error(400, type: "invalid_request_error", code: "context_length_exceeded",
                          "This model's maximum context length is \(window) tokens. However, your messages resulted in \(request.promptTokens) tokens.")
        }
        guard let (wait, kind, headers) = with({ $0.take(request, now: .now()) }) else { return nil }
        let milliseconds = Int((wait * 1000).rounded(.up))
        return .error(429, type: kind, code: "rate_limit_exceeded", "Rate limit reached for \(request.model) on \(kind) per min. Please try again in \(RateLimit.span(wait)).",
                      headers: headers + [("retry-after-ms", String(milliseconds)), ("retry-after", String((milliseconds + 999) / 1000))])
    }

    private func reply(to request: CompletionRequest, _ behaviour: Behaviour, _ settings: DoubleSettings, _ mark: inout CompletionMark) -> DoubleReply {
        switch behaviour.reply {
        case .error(let status, let code, let message):
            mark.status = status
            return .error(status, type: status == 429 ? "requests" : status < 500 ? "invalid_request_error" : "server_error", code: code, message)
        case .raw(let status, let type, let body):
            mark.status = status
            return .bytes(status, contentType: type, ByteBuffer(string: body))
        case .disconnect:
            mark.status = 0
            return DoubleReply(steps: [.close])
        case .hang:
            mark.status = 0
            return DoubleReply(steps: [.hang])
        case .answer:
            let answer = CompletionAnswer(to: request, behaviour)
            mark.status = 200
            mark.isAnswer = answer.isWhole
            mark.promptTokens = request.promptTokens
            mark.completionTokens = answer.completionTokens
            mark.nanoDollars = request.promptTokens * settings.promptPrice + answer.completionTokens * settings.completionPrice
            return request.isStream ? answer.stream() : answer.whole()
        }
    }
}

extension DoubleCore.State {
    mutating func register(_ body: JSONValue, _ request: DoubleRequest, _ hash: Int, _ embeddings: EmbeddedPrompt?) -> CompletionRequest {
        let earlier = bodies[hash]?.attempts ?? 0
        if earlier == 0 { counts.uniqueBodies += 1 }
        bodies[hash, default: (0, false)].attempts += 1
        return CompletionRequest(number: counts.requests, earlierAttempts: earlier, headers: request.headers, key: request.key, body: body,
                                 promptTokens: embeddings?.shape[0] ?? promptTokens(body), isBatched: false, embeddings: embeddings)
    }

    /// A quarter of each message's characters, as `llmock` counts, and what the settings say for images.
    func promptTokens(_ body: JSONValue) -> Int {
        max(1, CompletionRequest.texts(of: body).reduce(0) { $0 + $1.unicodeScalars.count / 4 } + CompletionRequest.images(of: body) * settings.tokensPerImage)
    }

    /// Takes a request and its tokens from the key's limits, or says how long to wait, for which limit, and what the headers are.
    mutating func take(_ request: CompletionRequest, now: NIODeadline) -> (Double, String, [(String, String)])? {
        guard settings.requestsPerMinute != nil || settings.tokensPerMinute != nil else { return nil }
        let name = request.key + " " + request.model, settings = settings
        var limit = limits[name] ?? (settings.requestsPerMinute.map { RateLimit(perMinute: $0, now: now) }, settings.tokensPerMinute.map { RateLimit(perMinute: $0, now: now) })
        defer { limits[name] = limit }
        let tokens = request.promptTokens + request.maximumAnswerTokens
        let waits = (limit.requests?.wait(for: 1, now: now) ?? 0, limit.tokens?.wait(for: tokens, now: now) ?? 0)
        guard waits.0 > 0 || waits.1 > 0 else {
            limit.requests?.take(1)
            limit.tokens?.take(tokens)
            return nil
        }
        return (max(waits.0, waits.1), waits.0 >= waits.1 ? "requests" : "tokens", (limit.requests?.headers("requests") ?? []) + (limit.tokens?.headers("tokens") ?? []))
    }

    func limitHeaders(_ request: CompletionRequest) -> [(String, String)] {
        guard let limit = limits[request.key + " " + request.model] else { return [] }
        return (limit.requests?.headers("requests") ?? []) + (limit.tokens?.headers("tokens") ?? [])
    }

    mutating func bill(_ mark: CompletionMark) {
        counts.promptTokens += mark.promptTokens
        counts.completionTokens += mark.completionTokens
        counts.nanoDollars += mark.nanoDollars
    }
}
