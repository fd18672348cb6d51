import FleetModel

/// A request to a language model that is about to be sent.
public struct LanguageModelIntent: Sendable {
    /// SHA-256 of the request.
    public var digest: [UInt8]
    public var task: Int64
    /// Whose budget bears it.
    public var job: Int64?
    public var stage: StageName
    public var model: String
    /// The most that it may cost; nil where nobody knows its price: then no job with a budget may send it.
    public var reserve: Money?

    public init(digest: [UInt8], task: Int64, job: Int64?, stage: StageName, model: String, reserve: Money?) {
        self.digest = digest
        self.task = task
        self.job = job
        self.stage = stage
        self.model = model
        self.reserve = reserve
    }
}

/// What the journal says to an intent.
public enum LanguageModelVerdict: Sendable, Equatable {
    /// Written down: send it, and say how it ended.
    case send
    /// Paid for before.
    case answered(RecordedAnswer)
    /// A process that lives has sent it.
    case underWay
    /// It goes by batch.
    case inBatch
    /// Batches have left it without an answer: it is to be sent by itself.
    case notByBatch
    /// Not journalled, because whoever asked wanted only to know.
    case unknown
    /// The job's budget does not reach for it. `isReached` where nothing else of the job is under way that could leave something over.
    case overBudget(JobBudget, isReached: Bool)
    /// The job has a budget, and the request no price.
    case unpriced
}

/// An answer as it was received, with what is known of its price.
public struct RecordedAnswer: Sendable, Equatable {
    public var text: String
    public var finishReason: String
    public var refusal: String?
    /// As the server names it.
    public var model: String
    public var endpoint: String
    /// Nil where the server did not say.
    public var usage: TokenUsage?
    public var cost: Money
    public var isBatch: Bool

    public init(text: String, finishReason: String, refusal: String?, model: String, endpoint: String, usage: TokenUsage?, cost: Money, isBatch: Bool) {
        self.text = text
        self.finishReason = finishReason
        self.refusal = refusal
        self.model = model
        self.endpoint = endpoint
        self.usage = usage
        self.cost = cost
        self.isBatch = isBatch
    }
}

public struct TokenUsage: Sendable, Equatable {
    public var prompt: Int
    /// Of the prompt's: those that cost less, because the server had them.
    public var cached: Int
    public var answer: Int

    public init(prompt: Int, cached: Int, answer: Int) {
        self.prompt = prompt
        self.cached = cached
        self.answer = answer
    }
}

/// How a request that was intended ended.
public struct LanguageModelEnding: Sendable {
    public var intent: LanguageModelIntent
    /// Nil where there is none.
    public var answer: RecordedAnswer?
    /// What was paid though there is no answer.
    public var lost: Money
    /// A number of its own for each payment, so that none is booked twice.
    public var receipt: Int64

    public init(intent: LanguageModelIntent, answer: RecordedAnswer?, lost: Money = .zero, receipt: Int64) {
        self.intent = intent
        self.answer = answer
        self.lost = lost
        self.receipt = receipt
    }
}

/// What a job may spend on language models, and has spent.
public struct JobBudget: Sendable, Equatable {
    public var job: Int64
    /// No limit where nil.
    public var allowance: Money?
    public var spent: Money
    /// The most that requests under way may cost.
    public var reserved: Money
    /// Whether requests are no longer sent until the allowance is raised.
    public var isReached: Bool

    public init(job: Int64, allowance: Money?, spent: Money, reserved: Money, isReached: Bool) {
        self.job = job
        self.allowance = allowance
        self.spent = spent
        self.reserved = reserved
        self.isReached = isReached
    }
}
