/// What a collection removed, or would remove.
public struct CollectionReport: Sendable, Equatable {
    /// Deleted jobs past their grace time.
    public var jobs = 0
    /// Tasks that no job refers to, with their edges and endings.
    public var tasks = 0
    public var results = 0
    /// Of the results' texts, before compression.
    public var resultBytes = 0
    /// Superseded versions of clips that no job and no task refers to.
    public var clipVersions = 0
    /// Answers of language models whose tasks are gone.
    public var answers = 0

    public init() {}
}

/// How far a collection has come.
public struct CollectionProgress: Sendable {
    public enum Step: String, Sendable {
        case jobs, tasks, clipVersions = "clip versions", blobs
    }

    public var step: Step
    public var done: Int
    public var total: Int
}
