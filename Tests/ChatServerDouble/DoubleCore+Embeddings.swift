import NIOCore

extension DoubleCore {
    /// `POST /v1/completions` as vLLM has it, for prompts of embeddings alone.
    func completeEmbeddings(_ request: DoubleRequest) -> DoubleReply {
        var hasher = Hasher()
        request.body.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        var mark = CompletionMark(status: 400, bodyHash: hash)
        func refused(_ message: String) -> DoubleReply {
            var reply = DoubleReply.error(400, type: "BadRequestError", code: nil, message)
            reply.completion = mark
            return reply
        }
        guard let body = try? JSONValue(request.body.readableBytesView), body["model"]?.text != nil else { return refused("We could not parse the JSON body of your request.") }
        guard let text = body["prompt_embeds"]?.text, body["prompt"] == nil || body["prompt"]?.text == "" else { return refused("Either prompt or prompt_embeds must be provided and non-empty.") }
        guard let hidden = settings.hidden else { return refused("You must set `--enable-prompt-embeds` to input `prompt_embeds`.") }
        guard let embeddings = EmbeddedPrompt(base64: text) else { return refused("prompt_embeds is no tensor of two dimensions.") }
        guard embeddings.shape[1] == hidden else { return refused("The prompt embeddings have \(embeddings.shape[1]) numbers a token where the model has \(hidden).") }
        return answer(body, request, hash, embeddings: embeddings, &mark)
    }
}
