/// The one shape of an error in the fleet. The message names the thing, the cause, and what to do.
public struct FleetError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause, such as `video.no_stream`; failures are listed and retried by it.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }
    }

    public var code: Code
    public var message: String
    /// What lay beneath, in its own words.
    public var cause: String?
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause.map { String(describing: $0) }
        self.isRetriable = isRetriable
    }

    public var description: String {
        cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))"
    }
}

extension FleetError.Code {
    /// The catalogue names a file that is not there.
    public static let sourceMissing: Self = "source.missing"
    /// A file that was ingested is not there any more.
    public static let sourceGone: Self = "source.gone"
    /// A file's bytes are not those that were ingested.
    public static let sourceChanged: Self = "source.changed"
    /// The task killed its process too often.
    public static let quarantined: Self = "task.quarantined"
    /// The task ran past its stage's time limit.
    public static let timeLimit: Self = "task.time_limit"
    /// The child process that decoded the clip's media died.
    public static let childDied: Self = "child.died"
    /// The child process that decoded the clip's media ran past its limit.
    public static let childTimeLimit: Self = "child.time_limit"
    /// The stage could not be made for its recipe, as when a model is not there.
    public static let stageStart: Self = "stage.start"
    /// A language model's server asks for fewer requests.
    public static let rateLimited: Self = "llm.rate_limit"
    /// A language model's server has an error of its own.
    public static let serverError: Self = "llm.server_error"
    /// A language model's server did not answer in time.
    public static let serverTimeout: Self = "llm.timeout"
    /// A language model's server answers with what is no answer.
    public static let malformedAnswer: Self = "llm.malformed_answer"
    /// The worker went silent with the task started; written by the ledger, and no attempt of the task's own.
    public static let workerLost: Self = "worker.lost"
    /// A fault of the program itself.
    public static let `internal`: Self = "internal"
}
