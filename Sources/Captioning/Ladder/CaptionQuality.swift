/// How a text came about: part of the output of a stage that asked a model.
public struct CaptionQuality: Hashable, Sendable, Codable {
    /// One request, and what was wrong with its answer.
    public struct Attempt: Hashable, Sendable, Codable {
        public var step: LadderStep
        /// As the server names it; nil where no answer came.
        public var model: String?
        public var promptTokens: Int
        public var completionTokens: Int
        /// What was put right without asking.
        public var repairs: [AnswerRepair]
        /// How often each rule was broken after that; empty where the answer held.
        public var violations: [String: Int]
        /// Why there is no answer; nil where there is one.
        public var failure: String?

        public init(step: LadderStep, model: String? = nil, promptTokens: Int = 0, completionTokens: Int = 0, repairs: [AnswerRepair] = [],
                    violations: [String: Int] = [:], failure: String? = nil) {
            self.step = step
            self.model = model
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.repairs = repairs
            self.violations = violations
            self.failure = failure
        }

        enum CodingKeys: String, CodingKey {
            case step, model, promptTokens = "prompt_tokens", completionTokens = "completion_tokens", repairs, violations, failure
        }
    }

    /// The step whose text was taken; nil where none was.
    public var passed: LadderStep?
    /// Which prompt, as `frame-captions@1`.
    public var prompt: String
    /// In order; the rules make none.
    public var attempts: [Attempt]

    public init(prompt: PromptID, passed: LadderStep? = nil, attempts: [Attempt] = []) {
        self.prompt = prompt.description
        self.passed = passed
        self.attempts = attempts
    }

    /// True where the text is not by the model that the recipe names first.
    public var isDegraded: Bool { passed == .fallbackModel || passed == .rules }

    public var promptTokens: Int { attempts.reduce(0) { $0 + $1.promptTokens } }
    public var completionTokens: Int { attempts.reduce(0) { $0 + $1.completionTokens } }
}
