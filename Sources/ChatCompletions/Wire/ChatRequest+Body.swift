import NIOCore

extension ChatRequest {
    /// The JSON of `POST /chat/completions` in the endpoint's dialect; the same bytes for the same request each time.
    ///
    /// Media are loaded when the body is read, not here.
    ///
    /// - Throws: `llm.configuration` where the endpoint does not serve the model, or a number has no JSON.
    public func body(for endpoint: Endpoint, streaming: Bool = false) throws(ChatError) -> ChatBody {
        guard let served = endpoint.served(model) else {
            throw ChatError(.configuration, "endpoint \(endpoint.name) does not serve \(model): name it among the endpoint's models")
        }
        guard temperature?.isFinite ?? true, topP?.isFinite ?? true else {
            throw ChatError(.configuration, "temperature and top_p of a request must be numbers")
        }
        var body = ChatBody(), json = JSONText()
        write(model: served, dialect: endpoint.dialect, streaming: streaming, to: &body, through: &json)
        body.append(json.take())
        return body
    }

    /// One line of a batch's input file, its end of line included.
    public func batchLine(customID: String, for endpoint: Endpoint) throws(ChatError) -> ChatBody {
        guard let served = endpoint.served(model) else {
            throw ChatError(.configuration, "endpoint \(endpoint.name) does not serve \(model): name it among the endpoint's models")
        }
        var body = ChatBody(), json = JSONText()
        json.open("custom_id")
        json.string(customID)
        json.raw(",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":")
        write(model: served, dialect: endpoint.dialect, streaming: false, to: &body, through: &json)
        json.raw("}\n")
        body.append(json.take())
        return body
    }

    private func write(model: String, dialect: Endpoint.Dialect, streaming: Bool, to body: inout ChatBody, through json: inout JSONText) {
        json.open("model")
        json.string(model)
        json.member("messages")
        json.raw("[")
        for (index, message) in messages.enumerated() {
            if index > 0 { json.raw(",") }
            message.write(to: &body, through: &json)
        }
        json.raw("]")
        if let answerSchema { answerSchema.write(dialect, to: &json) }
        json.member(dialect == .llamaCpp ? "max_tokens" : "max_completion_tokens")
        json.number(maximumAnswerTokens)
        if let temperature {
            json.member("temperature")
            json.number(temperature)
        }
        if let topP {
            json.member("top_p")
            json.number(topP)
        }
        if let seed {
            json.member("seed")
            json.number(seed)
        }
        if streaming { json.raw(",\"stream\":true,\"stream_options\":{\"include_usage\":true}") }
        json.raw("}")
    }
}

extension ChatMessage {
    /// A lone text is written as a string: templates of some served models take nothing else.
    fileprivate func write(to body: inout ChatBody, through json: inout JSONText) {
        json.open("role")
        json.string(role.rawValue)
        json.member("content")
        if parts.count == 1, case .text(let text) = parts[0] {
            json.string(text)
        } else {
            json.raw("[")
            for (index, part) in parts.enumerated() {
                if index > 0 { json.raw(",") }
                part.write(to: &body, through: &json)
            }
            json.raw("]")
        }
        json.raw("}")
    }
}

extension ChatMessage.Part {
    fileprivate func write(to body: inout ChatBody, through json: inout JSONText) {
        switch self {
        case .text(let text):
            json.raw("{\"type\":\"text\",\"text\":")
            json.string(text)
            json.raw("}")
        case .image(let media, let detail):
            json.raw("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:")
            json.raw(media.mediaType)
            json.raw(";base64,")
            body.append(json.take())
            body.append(media)
            json.raw("\",\"detail\":")
            json.string(detail.rawValue)
            json.raw("}}")
        case .audio(let media, let format):
            json.raw("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"")
            body.append(json.take())
            body.append(media)
            json.raw("\",\"format\":")
            json.string(format)
            json.raw("}}")
        }
    }
}

extension AnswerSchema {
    /// llama.cpp takes the schema without the wrapping that carries a name.
    fileprivate func write(_ dialect: Endpoint.Dialect, to json: inout JSONText) {
        json.member("response_format")
        switch dialect {
        case .llamaCpp:
            json.raw("{\"type\":\"json_schema\",\"schema\":")
            json.raw(self.json)
            json.raw("}")
        case .openai, .vllm, .sglang:
            json.raw("{\"type\":\"json_schema\",\"json_schema\":{\"name\":")
            json.string(name)
            json.raw(",\"strict\":true,\"schema\":")
            json.raw(self.json)
            json.raw("}}")
        }
    }
}
