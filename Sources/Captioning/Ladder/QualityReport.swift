/// The qualities of many texts, added up: for a job's report.
public struct QualityReport: Hashable, Sendable, Codable {
    /// One stage's.
    public struct Stage: Hashable, Sendable, Codable {
        /// Texts that a model was asked for.
        public var texts = 0
        /// How many passed at which step.
        public var passed: [LadderStep: Int] = [:]
        /// How many passed at no step.
        public var exhausted = 0
        /// How many passed after something was put right without asking.
        public var repaired = 0
        public var steps: [LadderStep: Step] = [:]

        public init() {}
    }

    /// What one step cost, and why answers did not hold at it.
    public struct Step: Hashable, Sendable, Codable {
        public var requests = 0
        public var promptTokens = 0
        public var completionTokens = 0
        /// By rule: texts that broke it, each once.
        public var violations: [String: Int] = [:]
        /// By what was put right.
        public var repairs: [String: Int] = [:]
        /// By error code: requests without an answer.
        public var failures: [String: Int] = [:]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case requests, promptTokens = "prompt_tokens", completionTokens = "completion_tokens", violations, repairs, failures
        }
    }

    /// By the stage's name.
    public private(set) var stages: [String: Stage] = [:]

    public init() {}

    public mutating func add(_ quality: CaptionQuality, stage: String) {
        var sum = stages[stage] ?? Stage()
        sum.texts += 1
        if let passed = quality.passed {
            sum.passed[passed, default: 0] += 1
            if passed != .rules, quality.attempts.last?.repairs.isEmpty == false { sum.repaired += 1 }
        } else {
            sum.exhausted += 1
        }
        for attempt in quality.attempts { sum.steps[attempt.step, default: Step()].add(attempt) }
        stages[stage] = sum
    }

    /// The sum of both, in whichever order.
    public mutating func merge(_ other: QualityReport) {
        for (name, others) in other.stages {
            var sum = stages[name] ?? Stage()
            sum.texts += others.texts
            sum.exhausted += others.exhausted
            sum.repaired += others.repaired
            sum.passed.merge(others.passed, uniquingKeysWith: +)
            for (step, cost) in others.steps { sum.steps[step, default: Step()].merge(cost) }
            stages[name] = sum
        }
    }
}

extension QualityReport.Step {
    fileprivate mutating func add(_ attempt: CaptionQuality.Attempt) {
        requests += 1
        promptTokens += attempt.promptTokens
        completionTokens += attempt.completionTokens
        for rule in attempt.violations.keys { violations[rule, default: 0] += 1 }
        for repair in attempt.repairs { repairs[repair.rawValue, default: 0] += 1 }
        if let failure = attempt.failure { failures[failure, default: 0] += 1 }
    }

    fileprivate mutating func merge(_ other: QualityReport.Step) {
        requests += other.requests
        promptTokens += other.promptTokens
        completionTokens += other.completionTokens
        violations.merge(other.violations, uniquingKeysWith: +)
        repairs.merge(other.repairs, uniquingKeysWith: +)
        failures.merge(other.failures, uniquingKeysWith: +)
    }
}
