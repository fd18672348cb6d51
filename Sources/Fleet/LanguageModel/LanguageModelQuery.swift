import ChatCompletions
import FleetModel

/// What a task asks of a language model.
public struct LanguageModelQuery: Sendable {
    public var request: ChatRequest
    /// Whose budget bears it; nil outside a job.
    public var job: Int64?
    public var task: Int64
    public var stage: StageName
    /// Bulk requests may go by batch.
    public var lane: Lane
    /// The longest that sending, repetitions included, may take, once its turn has come.
    public var deadline: Duration

    public init(request: ChatRequest, job: Int64?, task: Int64, stage: StageName, lane: Lane, deadline: Duration = .seconds(120)) {
        self.request = request
        self.job = job
        self.task = task
        self.stage = stage
        self.lane = lane
        self.deadline = deadline
    }

    public init(_ request: ChatRequest, for claim: Claim, deadline: Duration = .seconds(120)) {
        self.init(request: request, job: claim.job, task: claim.task, stage: claim.stage, lane: claim.lane, deadline: deadline)
    }
}

public enum LanguageModelReply: Sendable, Equatable {
    /// `isReused`: it was paid for before, or is by somebody else.
    case answer(ChatAnswer, isReused: Bool)
    /// Not now: defer the task for so long, for this reason. What it asked is not lost, and what it was answered is not asked again.
    case later(Duration, reason: String)
    /// Every endpoint that serves the model has rested for a while after repeated failures. Who the recipe declares may stand in; where nobody does, it is as the outage says.
    case down(LanguageModelOutage)
}

/// What becomes of a task whose model nobody serves, where its recipe declares no fallback.
public struct LanguageModelOutage: Sendable, Hashable {
    /// Until when to defer it.
    public var wait: Duration
    public var reason: String
    /// What it fails with instead: this request was let through, and its failure may be its own.
    public var error: FleetError?

    public init(wait: Duration, reason: String, error: FleetError? = nil) {
        self.wait = wait
        self.reason = reason
        self.error = error
    }
}

/// Whoever sends requests: a ``ChatClient``, or a test's script.
public protocol ChatCompleting: Sendable {
    func complete(_ request: ChatRequest, deadline: Duration, estimatedTokens: Int?) async throws(ChatError) -> ChatAnswer
    func shutdown() async
}

extension ChatClient: ChatCompleting {
    public func complete(_ request: ChatRequest, deadline: Duration, estimatedTokens: Int?) async throws(ChatError) -> ChatAnswer {
        try await complete(request, deadline: deadline, estimatedTokens: estimatedTokens, onText: nil, onRestart: nil)
    }
}

/// How requests are handled; what may change an answer is not here but in the recipe.
public struct LanguageModelConfiguration: Sendable {
    public var prices: PriceTable
    /// A process that says nothing for so long is dead, and what it was asking may be asked by others.
    public var lease: Duration
    public var heartbeat: Duration
    /// The longest that a request waits for its turn where the server's limit is used up; then its task is deferred.
    public var patience: Duration
    /// How long every endpoint of a model must have rested before others stand in for it: a server that restarts is waited for, since whatever a fallback writes meanwhile stays.
    public var outagePatience: Duration
    /// How long an end waits for what is under way, since it may be paid for already.
    public var grace: Duration
    /// Takes the bulk lane's requests, where there is one.
    public var batches: BatchTransport?
    /// For fault tests.
    package var faultHook: LanguageModelFaultHook?

    public init(prices: PriceTable = .builtIn, batches: BatchTransport? = nil, lease: Duration = .seconds(10), heartbeat: Duration = .seconds(3), patience: Duration = .seconds(20),
                outagePatience: Duration = .seconds(30), grace: Duration = .seconds(30)) {
        self.prices = prices
        self.batches = batches
        self.lease = lease
        self.heartbeat = heartbeat
        self.patience = patience
        self.outagePatience = outagePatience
        self.grace = grace
    }
}

/// A place on a request's way at which a fault test may cut it off, by throwing: nothing more is written then, as after a kill.
package enum LanguageModelFaultPoint: Sendable, CaseIterable {
    /// Written down, not sent.
    case beforeSend
    /// Answered, not recorded.
    case beforeRecord
    /// Recorded, and nobody has read it.
    case beforeReply
}

package typealias LanguageModelFaultHook = @Sendable (LanguageModelFaultPoint) throws -> Void
