extension PromptTemplate {
    /// One section as the parts of a message. What a fact says is written and never read.
    func parts(_ section: Section, _ facts: PromptFacts, fence: DataFence) -> [PromptRequest.Part] {
        var writer = PromptWriter(fence: fence)
        writer.write(sections[section] ?? [], facts.merging(.constants))
        return writer.finish()
    }

    /// The request for a whole answer.
    func request(_ facts: PromptFacts, schema: PromptRequest.Schema) -> PromptRequest {
        let fence = DataFence(facts, prompt: id)
        let messages = [PromptRequest.Message(.system, parts(.system, PromptFacts(), fence: fence)), PromptRequest.Message(.user, parts(.user, facts, fence: fence))]
        return PromptRequest(prompt: id, messages: messages, schema: schema, maximumAnswerTokens: answerTokens)
    }
}

private struct PromptWriter {
    let fence: DataFence
    private var parts: [PromptRequest.Part] = []
    private var text = ""

    init(fence: DataFence) {
        self.fence = fence
    }

    mutating func write(_ nodes: [PromptTemplate.Node], _ facts: PromptFacts) {
        for node in nodes {
            switch node {
            case .literal(let literal): text += literal
            case .fact(let name): write(name, facts[name])
            case .conditional(let name, let yes, let otherwise): write(Self.holds(facts[name]) ? yes : otherwise, facts)
            case .each(let name, let body):
                guard case .list(let items)? = facts[name] else { continue }
                for item in items { write(body, item.merging(facts)) }
            }
        }
    }

    private mutating func write(_ name: String, _ value: PromptFacts.Value?) {
        switch value {
        case .text(let words): text += words
        case .data(let data): text += fence.block(name, data)
        case .media(let part):
            flush()
            parts.append(part)
        case .flag, .list, nil: break
        }
    }

    private static func holds(_ value: PromptFacts.Value?) -> Bool {
        switch value {
        case .text(let text): !text.isEmpty
        case .data(let data): !data.text.isEmpty
        case .flag(let flag): flag
        case .list(let items): !items.isEmpty
        case .media: true
        case nil: false
        }
    }

    private mutating func flush() {
        let text = self.text.trimmingSpaces
        if !text.isEmpty { parts.append(.text(text)) }
        self.text = ""
    }

    mutating func finish() -> [PromptRequest.Part] {
        flush()
        return parts
    }
}
