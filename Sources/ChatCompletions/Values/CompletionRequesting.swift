/// What an endpoint is asked to complete, by one of its ways to ask.
protocol CompletionRequesting: Sendable {
    /// Behind the endpoint's base URL.
    static var path: String { get }

    /// As the recipe names it.
    var model: String { get }

    /// The most tokens of the answer.
    var maximumAnswerTokens: Int { get }

    /// Over all that can change the answer.
    var digest: [UInt8] { get }

    /// The JSON that is sent.
    ///
    /// - Throws: `llm.configuration` where the endpoint does not serve the model, or a number has no JSON.
    func body(for endpoint: Endpoint, streaming: Bool) throws(ChatError) -> ChatBody

    /// About how many tokens the prompt has.
    func estimatedTokens(_ rules: ImageTokenRules) -> Int
}

extension ChatRequest: CompletionRequesting {
    static var path: String { "/chat/completions" }
}
