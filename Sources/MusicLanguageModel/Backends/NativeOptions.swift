/// How the native backend shares a machine among requests.
public struct NativeOptions: Hashable, Sendable {
    /// Requests that are answered at the same time.
    public var slots: Int
    /// Accepted requests that wait for a slot; further callers wait to be accepted.
    public var queue: Int
    /// Tokens of prompts and answers for whose keys and values there is memory, all running requests together. Each takes what it may need at most before it begins.
    public var cacheTokens: Int
    /// Tokens of a prompt that are run at once, between two steps of the answers that are under way.
    public var promptPart: Int
    /// Threads of the matrix products.
    public var threads: Int

    public init(slots: Int = 8, queue: Int = 16, cacheTokens: Int = 16_384, promptPart: Int = 128, threads: Int = 1) {
        precondition(slots > 0 && queue >= 0 && cacheTokens > 0 && promptPart > 0 && threads > 0, "slots, memory and threads")
        self.slots = slots
        self.queue = queue
        self.cacheTokens = cacheTokens
        self.promptPart = promptPart
        self.threads = threads
    }
}
