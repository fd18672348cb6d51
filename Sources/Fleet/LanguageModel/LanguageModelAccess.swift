import ChatCompletions
import FleetModel

/// Whoever answers what stages ask of language models.
public protocol LanguageModelAccess: Sendable {
    /// - Throws: why there is no answer; retriable where asking again may help.
    func answer(_ query: LanguageModelQuery) async throws(FleetError) -> LanguageModelReply
}

/// A request, and on whose behalf it is made.
public struct LanguageModelQuery: Sendable {
    public var request: ChatRequest
    /// Who pays; nil outside a ledger.
    public var job: Int64?
    public var task: Int64
    public var stage: StageName
    public var lane: Lane
    /// For all attempts and the waits between them.
    public var deadline: Duration

    public init(request: ChatRequest, job: Int64?, task: Int64, stage: StageName, lane: Lane, deadline: Duration) {
        self.request = request
        self.job = job
        self.task = task
        self.stage = stage
        self.lane = lane
        self.deadline = deadline
    }

    /// On behalf of a claimed task.
    public init(_ request: ChatRequest, for claim: Claim, deadline: Duration) {
        self.init(request: request, job: claim.job, task: claim.task, stage: claim.stage, lane: claim.lane, deadline: deadline)
    }
}

public enum LanguageModelReply: Sendable {
    /// `isReused`: it was recorded before, and nothing was paid for it now.
    case answer(ChatAnswer, isReused: Bool)
    /// Not now: no endpoint answers, a limit or a budget is used up, or the request waits for a batch.
    case later(Duration, reason: String)
}

extension FleetError {
    /// Errors of chat completions keep their code: failures are listed and retried by it.
    public init(_ error: ChatError) {
        self.init(Code(rawValue: error.code.rawValue), error.message, isRetriable: error.isRetriable)
        cause = error.cause
    }
}
