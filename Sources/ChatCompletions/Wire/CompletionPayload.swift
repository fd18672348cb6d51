/// A chat completion, or a piece of a streamed one, as far as it can be understood: what is missing or of another type is nil.
struct CompletionPayload: Decodable {
    struct Choice: Decodable {
        var index = 0
        /// `message` of a whole answer, `delta` of a piece; `text` of either where a text is completed, not a chat.
        var content: String?
        var refusal: String?
        var finishReason: String?
        /// The new tokens, where a server tells them.
        var tokens: [Int32] = []

        private enum Keys: String, CodingKey { case index, message, delta, text, finishReason = "finish_reason", stopReason = "stop_reason", tokens = "token_ids" }
        private enum MessageKeys: String, CodingKey { case content, refusal }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            index = (try? values.decode(Int.self, forKey: .index)) ?? 0
            finishReason = try? values.decode(String.self, forKey: .finishReason)
            for key in [Keys.message, .delta] {
                guard let message = try? values.nestedContainer(keyedBy: MessageKeys.self, forKey: key) else { continue }
                content = (try? message.decode(String.self, forKey: .content)) ?? (try? message.decode([TextPart].self, forKey: .content))?.compactMap(\.text).joined()
                refusal = try? message.decode(String.self, forKey: .refusal)
            }
            guard let text = try? values.decode(String.self, forKey: .text) else { return }
            content = text
            tokens = (try? values.decode([Int32].self, forKey: .tokens)) ?? []
            // vLLM names the stop text that ended an answer; nothing, or a token, where the model ended it.
            if finishReason == "stop", values.contains(.stopReason), (try? values.decode(String.self, forKey: .stopReason)) == nil { finishReason = ChatAnswer.endOfText }
        }
    }

    private struct TextPart: Decodable { var text: String? }

    var model: String?
    var choices: [Choice]?
    var usage: ChatUsage?
    /// Some servers and proxies say so with status 200, and in the middle of a stream.
    var error: ServerMessage?

    private enum Keys: String, CodingKey { case model, choices, usage, error }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        model = try? values.decode(String.self, forKey: .model)
        choices = try? values.decode([Choice].self, forKey: .choices)
        usage = (try? values.decode(UsagePayload.self, forKey: .usage))?.usage
        if values.contains(.error), (try? values.decodeNil(forKey: .error)) == false { error = try? values.decode(ServerMessage.self, forKey: .error) }
    }
}

private struct UsagePayload: Decodable {
    let usage: ChatUsage

    private enum Keys: String, CodingKey { case promptTokens = "prompt_tokens", completionTokens = "completion_tokens", details = "prompt_tokens_details" }
    private enum DetailKeys: String, CodingKey { case cached = "cached_tokens" }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        let prompt = try values.decode(Int.self, forKey: .promptTokens)
        let details = try? values.nestedContainer(keyedBy: DetailKeys.self, forKey: .details)
        let cached = (try? details?.decode(Int.self, forKey: .cached)) ?? 0
        usage = ChatUsage(promptTokens: prompt, cachedPromptTokens: cached, completionTokens: (try? values.decode(Int.self, forKey: .completionTokens)) ?? 0)
    }
}
