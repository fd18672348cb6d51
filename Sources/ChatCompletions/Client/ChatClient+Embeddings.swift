import Synchronization

extension ChatClient {
    /// Has a prompt of embeddings completed, its pieces as they come.
    ///
    /// A failed attempt is repeated while nothing of an answer was passed on: what a server says the second time need not begin as the first.
    ///
    /// - Parameters:
    ///   - deadline: for all attempts and the waits between them.
    ///   - onPiece: is given the words as they come; the next ones wait for it.
    /// - Throws: why there is no answer; `llm.cancelled` where the task was cancelled; what the gate throws.
    public func complete(_ request: EmbeddedPromptRequest, deadline: Duration, onPiece: @escaping @Sendable (AnswerPiece) -> Void) async throws(ChatError) -> ChatAnswer {
        let hasBegun = Begun()
        return try await run(request, deadline: deadline, estimatedTokens: request.promptTokens, onPiece: { piece in
            hasBegun.set()
            onPiece(piece)
        }, mayRestart: { !hasBegun.isSet })
    }
}

/// Whether a first piece was passed on.
private final class Begun: Sendable {
    private let flag = Atomic(false)

    func set() { flag.store(true, ordering: .releasing) }
    var isSet: Bool { flag.load(ordering: .acquiring) }
}
