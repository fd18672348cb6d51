import Checkpoints

/// How the remote backend asks.
public struct RemoteBackendOptions: Hashable, Sendable {
    /// Requests that are under way at the same time; the server batches them.
    public var concurrency: Int
    /// What the prompt's numbers are sent as: `float16`, `bfloat16` or `float32`. The server rounds them to its model's type.
    public var elementType: ElementType
    /// For an answer, repetitions included.
    public var deadline: Duration

    public init(concurrency: Int = 64, elementType: ElementType = .float16, deadline: Duration = .seconds(600)) {
        precondition(concurrency > 0 && [.float16, .bfloat16, .float32].contains(elementType), "places, and a type that servers take")
        self.concurrency = concurrency
        self.elementType = elementType
        self.deadline = deadline
    }
}
