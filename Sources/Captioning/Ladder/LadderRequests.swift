/// The requests of a ladder's steps.
enum LadderRequests {
    /// Characters of an answer that is shown to the model again; a longer one tells it no more.
    private static let shownAnswer = 12_000

    static func whole(_ task: some CaptionTask) -> PromptRequest {
        task.prompt.request(task.facts, schema: task.form(frames: nil).schema)
    }

    /// The same conversation, the model's answer, and what was wrong with it.
    static func again(_ task: some CaptionTask, after answer: String, _ violations: [Violation]) -> PromptRequest {
        var request = whole(task)
        let isShown = !violations.contains { $0.rule == .flood || $0.rule == .cut || $0.rule == .refusal && $0.place == "answer" }
        let shown = isShown ? UntrustedText(answer, limit: shownAnswer).text : ""
        if !shown.isEmpty { request.messages.append(PromptRequest.Message(.assistant, [.text(shown)])) }
        let facts = PromptFacts.again(violations)
        let parts = task.prompt.parts(.again, facts, fence: DataFence(facts, prompt: task.prompt.id))
        if shown.isEmpty {
            request.messages[request.messages.count - 1].parts.appendText(parts)
        } else {
            request.messages.append(PromptRequest.Message(.user, parts))
        }
        return request
    }

    /// A conversation about the failing frames alone.
    static func frames<Task: CaptionTask>(_ task: Task, _ frames: [Int], _ draft: Task.Draft, _ violations: [Violation]) -> PromptRequest {
        let facts = task.facts(frames, beside: draft).merging(.again(violations))
        let prompt = task.prompt
        let fence = DataFence(facts, prompt: prompt.id)
        return PromptRequest(prompt: prompt.id, messages: [
            PromptRequest.Message(.system, prompt.parts(.system, PromptFacts(), fence: fence)),
            PromptRequest.Message(.user, prompt.parts(.frames, facts, fence: fence)),
        ], schema: task.form(frames: frames).schema, maximumAnswerTokens: prompt.answerTokens)
    }
}

extension [PromptRequest.Part] {
    /// Parts at the end, with no two texts in a row.
    fileprivate mutating func appendText(_ parts: [PromptRequest.Part]) {
        for part in parts {
            if case .text(let text) = part, case .text(let before)? = last { self[count - 1] = .text(before + "\n\n" + text) } else { append(part) }
        }
    }
}
