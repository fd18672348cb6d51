extension ChatError {
    /// What an answer with a status other than 200 means.
    package static func answered(_ status: Int, _ message: ServerMessage, headers: ServerHeaders, endpoint: Endpoint, model: String) -> ChatError {
        let name = "endpoint \(endpoint.name)", said = message.text?.lowercased() ?? ""
        var error = kind(status, message, said: said, name: name, model: model)
        error.cause = message.line(without: endpoint.key)
        error.status = status
        error.retryAfter = headers.retryAfter
        if let should = headers.shouldRetry, error.code != .quotaExhausted { error.isRetriable = should }
        return error
    }

    private static func kind(_ status: Int, _ message: ServerMessage, said: String, name: String, model: String) -> ChatError {
        func has(_ code: String) -> Bool { message.code == code || message.type == code }
        switch status {
        case 300..<400:
            return ChatError(.configuration, "\(name) answers with a redirect, which is not followed: give its final address as base URL")
        case _ where has("insufficient_quota") || has("billing_hard_limit_reached") || status == 402:
            return ChatError(.quotaExhausted, "\(name) says that the account has no money left: add credit or take another endpoint")
        case 401, 403:
            return ChatError(.unauthorized, "\(name) refuses the key: check that it is set, valid, and may use \(model)")
        case 400, 413, 422:
            if has("context_length_exceeded") || has("exceed_context_size_error") || said.contains("maximum context length") || said.contains("context size")
                || said.contains("context_length_exceeded") {
                return ChatError(.contextLength, "the prompt is too long for \(model) at \(name): send less, or take a model with a longer context")
            }
            if has("model_not_found") { return notFound(name, model) }
            return ChatError(.rejected, "\(name) does not take the request (status \(status)): see what it says")
        case 404:
            return notFound(name, model)
        case 429:
            return ChatError(.rateLimited, "\(name) has a limit of requests or tokens for \(model) that is used up: wait, or lower the lane's rate", isRetriable: true)
        case 408, 409:
            return ChatError(.serverError, "\(name) gave the request up (status \(status)): try again", isRetriable: true)
        case 500...:
            return ChatError(.serverError, "\(name) failed (status \(status)): try again later, or look at the server", isRetriable: true)
        default:
            return ChatError(.rejected, "\(name) does not take the request (status \(status)): see what it says")
        }
    }

    private static func notFound(_ name: String, _ model: String) -> ChatError {
        ChatError(.modelNotFound, "\(name) does not serve \(model), or its base URL is not that of a chat-completions server: check both")
    }

    static func malformed(_ endpoint: Endpoint, _ what: String, cause: String? = nil, usage: ChatUsage? = nil) -> ChatError {
        ChatError(.malformedAnswer, "endpoint \(endpoint.name) \(what): try again, or look at the server", cause: cause, status: 200, isRetriable: true, usage: usage)
    }
}
