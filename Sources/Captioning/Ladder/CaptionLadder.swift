/// Asks for one text until it holds, as far as the policy goes: a state machine. It says what to ask; whoever owns it does the asking.
///
/// The same replies lead along the same way to the same requests, so that a task that is begun again finds every answer it has had.
public struct CaptionLadder<Task: CaptionTask>: Sendable {
    public enum Action: Sendable {
        /// Ask this; the reply goes to ``receive(_:)``. At `fallbackModel` another model is asked.
        case ask(PromptRequest, step: LadderStep)
        case finish(LadderEnd<Task.Answer>)
    }

    private enum State { case idle, asked(LadderStep, frames: [Int]?), finished }

    /// An answer that could be read, and what is wrong with it.
    private struct Candidate {
        var draft: Task.Draft
        var violations: [Violation]
    }

    /// Of a flood the first ones tell enough.
    private static var mostViolations: Int { 100 }

    private let task: Task
    private var remaining: [LadderStep]
    private var state = State.idle
    private var quality: CaptionQuality
    /// The answer with the fewest faults, all of them in some frames: those may be asked for alone.
    private var base: Candidate?
    /// What was wrong with the last answer, and its text.
    private var violations: [Violation] = []
    private var lastText = ""

    public init(_ task: Task, policy: LadderPolicy) {
        self.task = task
        remaining = policy.steps
        quality = CaptionQuality(prompt: task.prompt.id)
    }

    /// The first action; called once.
    public mutating func begin() -> Action {
        guard case .idle = state else { preconditionFailure("a ladder begins once") }
        if let settled = task.settled { return finish(.settled(settled)) }
        return next()
    }

    /// The reply to the last request.
    public mutating func receive(_ reply: ModelReply) -> Action {
        guard case .asked(let step, let frames) = state else { preconditionFailure("a reply came and nothing was asked") }
        var attempt = CaptionQuality.Attempt(step: step, model: reply.model, promptTokens: reply.promptTokens, completionTokens: reply.completionTokens)
        lastText = reply.text
        do {
            let (read, repairs) = try Self.read(reply, task, frames)
            var draft = read
            if let frames, let base { draft = task.merging(base.draft, frames, from: draft) }
            let tidied = task.tidied(draft)
            attempt.repairs = (tidied == draft ? repairs : repairs.union([.words])).sorted { $0.rawValue < $1.rawValue }
            violations = Array(task.violations(in: tidied).prefix(Self.mostViolations))
            if violations.isEmpty {
                quality.passed = step
                quality.attempts.append(attempt)
                return finish(.accepted(task.answer(tidied, source: reply.model, quality: quality), quality))
            }
            if !task.failingFrames(violations).isEmpty, violations.count < base?.violations.count ?? .max { base = Candidate(draft: tidied, violations: violations) }
        } catch {
            violations = [error.violation]
        }
        attempt.violations = Dictionary(violations.map { ($0.rule.rawValue, 1) }, uniquingKeysWith: +)
        quality.attempts.append(attempt)
        return next()
    }

    /// The last request has no answer for good: its prompt is too long for the model, or the server does not take it.
    ///
    /// - Parameter code: the error's.
    public mutating func failed(_ code: String) -> Action {
        guard case .asked(let step, _) = state else { preconditionFailure("a request failed and nothing was asked") }
        quality.attempts.append(CaptionQuality.Attempt(step: step, violations: [Violation.Rule.unanswered.rawValue: 1], failure: code))
        // What the model did not take once it does not take with more text.
        remaining.removeAll { $0 == .reask }
        violations = [Violation(.unanswered, "answer", "the request has no answer (\(code))")]
        lastText = ""
        return next()
    }

    /// The last request's model is served by nobody now. Whoever the policy declares after it stands in: another model, or the rules.
    ///
    /// - Parameter code: the error's.
    /// - Returns: nil where nobody is declared, or none is left: then nothing has changed, and the ladder is begun anew when the model is back.
    public mutating func unavailable(_ code: String) -> Action? {
        guard case .asked(let step, _) = state else { preconditionFailure("a model is down and nothing was asked") }
        let others = remaining.filter { $0 == .fallbackModel || $0 == .rules }
        guard !others.isEmpty else { return nil }
        remaining = others
        quality.attempts.append(CaptionQuality.Attempt(step: step, violations: [Violation.Rule.unanswered.rawValue: 1], failure: code))
        return next()
    }

    private mutating func next() -> Action {
        while !remaining.isEmpty {
            let step = remaining.removeFirst()
            switch step {
            case .first, .fallbackModel:
                return ask(LadderRequests.whole(task), step, frames: nil)
            case .reask:
                guard !violations.isEmpty else { continue }
                return ask(LadderRequests.again(task, after: lastText, violations), step, frames: nil)
            case .frames:
                guard let base else { continue }
                let frames = task.failingFrames(base.violations)
                return ask(LadderRequests.frames(task, frames, base.draft, base.violations), step, frames: frames)
            case .rules:
                quality.passed = .rules
                return finish(.accepted(task.ruled(quality), quality))
            }
        }
        return finish(.exhausted(violations, quality))
    }

    private mutating func ask(_ request: PromptRequest, _ step: LadderStep, frames: [Int]?) -> Action {
        state = .asked(step, frames: frames)
        return .ask(request, step: step)
    }

    private mutating func finish(_ end: LadderEnd<Task.Answer>) -> Action {
        state = .finished
        return .finish(end)
    }

    private static func read(_ reply: ModelReply, _ task: Task, _ frames: [Int]?) throws(AnswerFault) -> (Task.Draft, Set<AnswerRepair>) {
        if let refusal = reply.refusal, !refusal.isEmpty {
            throw AnswerFault(.refusal, "answer", "it is a refusal: describe what can be described")
        }
        switch reply.finishReason {
        case "stop": break
        case "length": throw AnswerFault(.cut, "answer", "it was cut off at \(task.prompt.answerTokens) tokens: write less, and to the end")
        case "content_filter": throw AnswerFault(.refusal, "answer", "the server's filter held it back: describe what can be described")
        default: throw AnswerFault(.cut, "answer", "it did not end by itself")
        }
        let answer = try AnswerText(reply.text, required: task.form(frames: frames).required)
        return (try task.draft(from: answer.value, frames: frames), answer.repairs)
    }
}

/// How a ladder ended.
public enum LadderEnd<Answer: Sendable>: Sendable {
    /// There was nothing to ask.
    case settled(Answer)
    /// A text that holds, or the rules' where they are declared; ``CaptionQuality/isDegraded`` says whether it is a fallback. The quality is in the answer too.
    case accepted(Answer, CaptionQuality)
    /// No step gave a text that holds; the violations are those of the last answer.
    case exhausted([Violation], CaptionQuality)
}
