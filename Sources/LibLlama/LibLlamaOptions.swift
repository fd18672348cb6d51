/// How the libllama backend shares a machine among requests.
public struct LibLlamaOptions: Hashable, Sendable {
    /// Requests that are answered at the same time, 1 to 64.
    public var slots: Int
    /// Accepted requests that wait for a slot; further callers wait to be accepted.
    public var queue: Int
    /// Tokens of a prompt and its answer together; nil for the model's own limit, and 2,048 at most. Memory for the keys and values of all slots is set aside at once.
    public var contextTokens: Int?
    /// Tokens of a prompt that are run at once, 1 to 2,048, between two steps of the answers that are under way.
    public var promptPart: Int
    /// Threads of a step.
    public var threads: Int

    /// What a library takes in one call.
    static let mostBatched = 2048

    public init(slots: Int = 4, queue: Int = 16, contextTokens: Int? = nil, promptPart: Int = 512, threads: Int = 1) {
        precondition((1 ... 64).contains(slots) && queue >= 0 && contextTokens ?? 1 > 0 && (1 ... Self.mostBatched).contains(promptPart) && threads > 0, "slots, memory and threads")
        self.slots = slots
        self.queue = queue
        self.contextTokens = contextTokens
        self.promptPart = promptPart
        self.threads = threads
    }
}
