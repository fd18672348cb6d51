/// What a server double is like; may be changed while it runs.
public struct DoubleSettings: Sendable {
    /// Decides on each request for a completion, those in batches too (their delays and broken connections aside).
    public var behave: @Sendable (CompletionRequest) -> Behaviour = { _ in Behaviour() }
    /// Of each key and model; nil for none. Full at first, refilled continuously.
    public var requestsPerMinute: Int?
    public var tokensPerMinute: Int?
    /// Prompts beyond are refused with `context_length_exceeded`.
    public var contextWindow: Int?
    /// What an image counts in a prompt.
    public var tokensPerImage = 85
    /// Billionths of a dollar for a token; a batch's cost half.
    public var promptPrice = 150
    public var completionPrice = 600
    public var models = ["gpt-4o-mini"]
    /// Numbers a token of prompts that are given as embeddings; nil where the server was started without them.
    public var hidden: Int?
    /// Keys that are let in; empty for all.
    public var keys: Set<String> = []
    public var batch = BatchSettings()

    public init() {}
}

/// How batches go.
public struct BatchSettings: Sendable {
    public enum LineFault: Hashable, Sendable {
        /// Into the error file.
        case error(Int, code: String)
        /// In neither file.
        case missing
        /// Twice in the output file.
        case twice
    }

    public enum Ending: Hashable, Sendable {
        case completed
        /// Found wrong as a whole before anything ran.
        case failedValidation(code: String)
        /// After so many lines: the rest are in the error file as `batch_expired`.
        case expired(after: Int)
    }

    /// Looks at the batch that each state lasts: it goes on with looking, so that tests need no time.
    public var looksPerState = 1
    public var ending = Ending.completed
    public var fault: @Sendable (_ customID: String) -> LineFault? = { _ in nil }
    /// Output lines come in the opposite order to the one they were sent in.
    public var isReversed = false
    /// A file that is not there is named `""` in place of null.
    public var namesMissingFilesEmpty = false
    public var maximumLines = 50_000
    public var maximumBytes = 200 << 20

    public init() {}
}
