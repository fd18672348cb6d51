import Crypto
import NIOCore

extension EmbeddedPromptRequest: CompletionRequesting {
    static var path: String { "/completions" }

    func estimatedTokens(_ rules: ImageTokenRules) -> Int { promptTokens }

    var digest: [UInt8] {
        var hash = SHA256(), json = JSONText()
        json.raw("mvfleet.embedded-prompt.1\n")
        writeSettings(model: model, to: &json)
        json.take().withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        hash.update(data: embeddings)
        return Array(hash.finalize())
    }

    /// The JSON of `POST /completions`; the same bytes for the same request each time.
    ///
    /// What a server would otherwise take from the model's `generation_config.json` is said: penalties end vLLM's engine with prompts of embeddings
    /// (vllm-project/vllm issue 57719), and a limit to the most probable tokens would change what is sampled.
    public func body(for endpoint: Endpoint, streaming: Bool = false) throws(ChatError) -> ChatBody {
        guard let served = endpoint.served(model) else {
            throw ChatError(.configuration, "endpoint \(endpoint.name) does not serve \(model): name it among the endpoint's models")
        }
        guard temperature.isFinite, topP.isFinite else { throw ChatError(.configuration, "temperature and top_p of a request must be numbers") }
        var json = JSONText(capacity: Base64.encodedCount(embeddings.count) + 1024)
        writeSettings(model: served, to: &json)
        if streaming { json.raw(",\"stream\":true,\"stream_options\":{\"include_usage\":true}") }
        // The text is empty: some servers and proxies want the field all the same.
        json.raw(",\"return_token_ids\":true,\"prompt\":\"\",\"prompt_embeds\":\"")
        json.base64(embeddings)
        json.raw("\"}")
        var body = ChatBody()
        body.append(json.take())
        return body
    }

    private func writeSettings(model: String, to json: inout JSONText) {
        json.open("model")
        json.string(model)
        json.member("max_tokens")
        json.number(maximumAnswerTokens)
        json.member("temperature")
        json.number(temperature)
        json.member("top_p")
        json.number(topP)
        if let seed { json.raw(",\"seed\":\(seed)") }
        json.raw(",\"top_k\":-1,\"min_p\":0,\"repetition_penalty\":1,\"presence_penalty\":0,\"frequency_penalty\":0")
        guard !stop.isEmpty else { return }
        json.member("stop")
        for (index, text) in stop.enumerated() {
            json.raw(index == 0 ? "[" : ",")
            json.string(text)
        }
        json.raw("]")
    }
}
